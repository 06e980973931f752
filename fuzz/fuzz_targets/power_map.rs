//! Whatever a power file holds, its heat is in the blocks to the last watt, or it has problems with
//! places and changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thermal::read::power_map::{blocks, over_block};
use thermal::{Block, Layer, Material, Rect, Stack};
use units::{Meters, ThermalConductivity, VolumetricHeatCapacity, Watts};

fn package() -> Stack {
    let m = Meters::new;
    let mut stack = Stack::new(m(0.02), m(0.01));
    let silicon = stack.material(Material::isotropic(
        "silicon",
        ThermalConductivity::new(120.0),
        VolumetricHeatCapacity::new(1.6e6),
    ));
    let mut die = Layer::new("die", m(0.0005), silicon);
    let rect = |x, y, w, h| Rect::new(m(x), m(y), m(w), m(h));
    let mut asic = Block::new("asic", rect(0.0, 0.0, 0.004, 0.004), Watts::new(1.0));
    asic.area.push(rect(0.004, 0.0, 0.004, 0.002));
    die.blocks.push(asic);
    let engine = rect(0.01, 0.0, 0.002, 0.003);
    die.blocks.push(Block::new("oe", engine, Watts::new(1.0)));
    stack.layers.push(die);
    stack
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut stack = package();
    if blocks("p.csv", text, &mut stack).is_err() {
        assert_eq!(stack, package());
    }
    let mut stack = package();
    match over_block("m.csv", text, "asic", &mut stack) {
        Ok(total) => {
            let powers: Vec<f64> = stack.blocks().map(|(_, b)| b.power.value()).collect();
            let all: f64 = powers.iter().sum();
            let scale: f64 = powers.iter().map(|power| power.abs()).sum();
            // Sums beyond the greatest number say nothing.
            if scale.is_finite() {
                assert!((all - total.value() - 1.0).abs() <= 1e-9 * scale);
            }
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            assert_eq!(stack, package());
        }
    }
});
