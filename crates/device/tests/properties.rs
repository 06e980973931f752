//! Hosts may do anything.

mod bench;

use bench::Bench;
use cmis::Address;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_read_and_no_write_does_harm(
        steps in prop::collection::vec(
            (0_usize..60, any::<u8>(), any::<u8>(), any::<u8>(),
             prop::collection::vec(any::<u8>(), 0..200), any::<bool>(), 0_u64..400),
            1..60,
        ),
        is_joint in any::<bool>(),
    ) {
        let mut bench = Bench::new(if is_joint { "arista-28t" } else { "humboldt-25t" });
        bench.wait_ms(600);
        for (device, bank, page, byte, data, is_write, ms) in steps {
            let at = Address { bank: bank % 9, page, byte };
            if is_write {
                let _ = bench.switch.write(device, at, &data);
            } else {
                let mut into = vec![0xEE; data.len()];
                let refused = bench.switch.read(device, at, &mut into).is_err();
                // What does not answer gives nothing.
                if refused && data.len() <= 1 {
                    prop_assert!(into.iter().all(|of| *of == 0xEE));
                }
            }
            bench.step(ms);
        }
        // Whatever was written, a reset brings each device back.
        for device in 0..bench.switch.fleet().devices().len() {
            bench.switch.fresh(device);
        }
        bench.wait_ms(400);
        for device in 0..bench.switch.fleet().devices().len() {
            prop_assert!(bench.bytes(device, Address::lower(0), 1).is_ok());
        }
    }
}
