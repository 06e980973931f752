//! Commands that take time, and firmware that survives what happens to it.

mod host;

use cmis::map::{lower, p01};
use cmis::module::{HEADER_BYTES, Image, Kind, Module, Nonvolatile, Profile, Version};
use cmis::{Address, HALF, Nack, Registers};
use host::{Bench, MS, engine, factory_image};

const COMMANDS: u8 = 0x9F;

fn newer() -> Image {
    let version = Version {
        major: 2,
        minor: 0,
        build: 7,
    };
    Image::new(version, (0..5000_u32).map(|n| n.to_le_bytes()[0]).collect()).expect("short")
}

/// The bytes of a command with a short payload, as hosts write them.
fn command(id: u16, long_length: usize, payload: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(long_length).expect("2048").to_be_bytes());
    bytes.push(u8::try_from(payload.len()).expect("120"));
    let sum = bytes
        .iter()
        .chain(payload)
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend([!sum, 0, 0]);
    bytes.extend(payload);
    bytes
}

impl Bench {
    /// Writes a command as SONiC does: from its third byte on, and then the first two.
    fn send(&mut self, id: u16, long_length: usize, payload: &[u8]) {
        let bytes = command(id, long_length, payload);
        let at = |byte| Address::page(COMMANDS, byte);
        self.module.write(at(130), &bytes[2..]).expect("it answers");
        self.module.write(at(128), &bytes[..2]).expect("it answers");
    }

    /// Sends a command and waits for its end: its status, and its reply.
    fn run(&mut self, id: u16, payload: &[u8]) -> (u8, Vec<u8>) {
        self.run_long(id, 0, payload)
    }

    fn run_long(&mut self, id: u16, long_length: usize, payload: &[u8]) -> (u8, Vec<u8>) {
        self.send(id, long_length, payload);
        self.wait_ms(600);
        let status = self.byte(0, &lower::CDB_IS_BUSY);
        let page = self.page(0, COMMANDS);
        let reply = page[8..8 + usize::from(page[6])].to_vec();
        let sum = reply
            .iter()
            .fold(page[7], |sum, byte| sum.wrapping_add(*byte));
        assert_eq!(sum, 0xFF, "the check code of the reply");
        (status, reply)
    }

    /// The beginning of a download.
    fn start(&mut self, image: &[u8]) -> u8 {
        let size = u32::try_from(image.len()).expect("short");
        let mut payload = size.to_be_bytes().to_vec();
        payload.extend([0; 4]);
        payload.extend(&image[..HEADER_BYTES]);
        self.run(0x0101, &payload).0
    }

    fn write_short(&mut self, address: usize, data: &[u8]) -> u8 {
        let mut payload = u32::try_from(address)
            .expect("short")
            .to_be_bytes()
            .to_vec();
        payload.extend(data);
        self.run(0x0103, &payload).0
    }

    fn write_long(&mut self, address: usize, data: &[u8]) -> u8 {
        for (page, data) in (0xA0..).zip(data.chunks(HALF)) {
            let written = self.module.write(Address::page(page, 128), data);
            written.expect("it answers");
        }
        let address = u32::try_from(address).expect("short").to_be_bytes();
        self.run_long(0x0104, data.len(), &address).0
    }

    fn version(&mut self) -> (u8, u8) {
        let bytes = self.get(0, &lower::ACTIVE_FIRMWARE_MAJOR);
        (bytes[0], self.byte(0, &lower::ACTIVE_FIRMWARE_MINOR))
    }
}

#[test]
fn a_command_is_busy_for_as_long_as_it_takes_and_tells_its_end() {
    let mut bench = Bench::activated(engine());
    bench.send(0x0101, 0, &[0; 8]);
    assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x83);
    bench.wait_ms(199);
    assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x83);
    assert_eq!(bench.byte(0, &lower::CDB_CMD_COMPLETE_FLAG_1), 0);
    bench.wait_ms(2);
    assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x42, "no header");
    assert_eq!(bench.byte(0, &lower::CDB_CMD_COMPLETE_FLAG_1), 0x40);
}

#[test]
fn what_runs_is_what_stood_there_when_it_was_started() {
    let mut bench = Bench::activated(engine());
    let image = newer().encode();
    assert_eq!(bench.start(&image), 1);
    let blocks: Vec<&[u8]> = image[HEADER_BYTES..].chunks(100).collect();
    for (n, block) in blocks.iter().enumerate() {
        let address = u32::try_from(n * 100).expect("short").to_be_bytes();
        if n % 2 == 0 {
            let payload: Vec<u8> = address.iter().chain(*block).copied().collect();
            bench.send(0x0103, 0, &payload);
        } else {
            let written = bench.module.write(Address::page(0xA0, 128), block);
            written.expect("it answers");
            bench.send(0x0104, block.len(), &address);
        }
        assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x83);
        // The host is early: none of this belongs to the command that runs.
        let early = bench.module.write(Address::page(0xA0, 128), &[0xEE; HALF]);
        early.expect("it answers");
        bench.send(0x0100, 0, &[1, 2, 3]);
        bench.wait_ms(3);
        assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 1, "block {n}");
        let page = bench.page(0, COMMANDS);
        assert_eq!(page[6], 0, "a block has no reply");
        bench.wait_ms(10);
        assert_eq!(bench.page(0, COMMANDS), page, "what was ignored never runs");
    }
    assert_eq!(bench.run(0x0107, &[]).0, 1, "the image is whole");
}

#[test]
fn wrong_commands_fail_with_their_reason() {
    let mut bench = Bench::activated(engine());
    assert_eq!(bench.run(0x0555, &[]).0, 0x41, "unknown");
    assert_eq!(bench.run(0x0001, &[1, 2]).0, 0x42, "parameter");
    assert_eq!(bench.run(0x0001, &[0, 0, 0, 0]).0, 0x46, "password");
    assert_eq!(bench.run(0x0001, &[0, 0, 0x10, 0x11]).0, 1);
    assert_eq!(bench.run(0x0103, &[0, 0, 0, 0, 9]).0, 0x47, "no download");
    assert_eq!(bench.run(0x0107, &[]).0, 0x47);
    assert_eq!(
        bench.run(0x0109, &[0, 0, 0, 0]).0,
        0x47,
        "there is no other image"
    );
    let mut damaged = command(0x0100, 0, &[]);
    damaged[5] ^= 1;
    bench
        .module
        .write(Address::page(COMMANDS, 128), &damaged)
        .expect("it answers");
    bench.wait_ms(10);
    assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x45, "check code");
}

#[test]
fn a_module_in_the_foreground_is_silent_while_it_works() {
    let mut profile = engine();
    profile.cdb.as_mut().expect("it has commands").is_background = false;
    let mut bench = Bench::activated(profile);
    bench.send(0x0101, 0, &[0; 8]);
    assert_eq!(bench.bytes(Address::lower(37), 1), Err(Nack));
    bench.wait_ms(201);
    assert_eq!(bench.byte(0, &lower::CDB_IS_BUSY), 0x42);
}

#[test]
fn firmware_is_downloaded_run_and_committed() {
    for is_long in [false, true] {
        let mut bench = Bench::activated(engine());
        let image = newer().encode();
        assert_eq!(bench.start(&image), 1);
        let block = if is_long { 2048 } else { 116 };
        for (at, data) in image[HEADER_BYTES..].chunks(block).enumerate() {
            let status = if is_long {
                bench.write_long(at * block, data)
            } else {
                bench.write_short(at * block, data)
            };
            assert_eq!(status, 1, "block {at}");
        }
        assert_eq!(bench.run(0x0107, &[]).0, 1);
        let (status, info) = bench.run(0x0100, &[]);
        // A runs and is committed, B is there.
        assert_eq!((status, info[0], info[1]), (1, 0b0000_0011, 0b11));
        assert_eq!(
            (&info[2..6], &info[38..42]),
            (&[1, 2, 0, 3][..], &[2, 0, 0, 7][..])
        );
        bench.wait_ms(1);
        assert_eq!(bench.run_reset(0), Err(Nack), "it starts anew");
        bench.wait_ms(1000);
        assert_eq!(bench.version(), (2, 0));
        assert_eq!(bench.byte(0, &p01::INACTIVE_FIRMWARE_MAJOR), 1);
        assert_eq!(
            bench.run(0x0100, &[]).1[0],
            0b0001_0010,
            "B runs, A is committed"
        );
        // Without a commit the supply brings the old one back.
        let mut cut = bench.power_cycled();
        assert_eq!(cut.version(), (1, 2));
        assert_eq!(bench.run(0x010A, &[]).0, 1);
        assert_eq!(bench.run(0x0100, &[]).1[0], 0b0011_0000);
        let mut cut = bench.power_cycled();
        assert_eq!(cut.version(), (2, 0));
    }
}

impl Bench {
    /// Runs the other image, and looks right after it begins to.
    fn run_reset(&mut self, mode: u8) -> Result<Vec<u8>, Nack> {
        self.send(0x0109, 0, &[0, mode, 0, 10]);
        self.wait_ms(20);
        self.bytes(Address::lower(0), 1)
    }

    /// The same module after its supply was gone: only what it keeps is left.
    fn power_cycled(&self) -> Self {
        let kind = Kind::new(engine());
        let module = Module::new(&kind, self.module.nonvolatile().clone(), self.now_ns);
        let mut bench = Self {
            module,
            readings: self.readings.clone(),
            now_ns: self.now_ns,
        };
        bench.wait_ms(1000);
        bench
    }
}

#[test]
fn a_power_cut_at_any_point_of_a_download_leaves_the_old_image() {
    let image = newer().encode();
    let mut bench = Bench::activated(engine());
    let check = |bench: &Bench, at: &str| {
        let mut cut = bench.power_cycled();
        assert_eq!(cut.version(), (1, 2), "{at}");
        assert_eq!(cut.module.nonvolatile().boots(), 0, "{at}");
    };
    check(&bench, "before");
    bench.start(&image);
    check(&bench, "after the start");
    for (at, data) in image[HEADER_BYTES..].chunks(116).enumerate() {
        bench.write_short(at * 116, data);
        check(&bench, &format!("after block {at}"));
    }
    bench.run(0x0107, &[]);
    check(&bench, "after its end");
    // What a cut left behind is downloaded anew.
    let mut cut = bench.power_cycled();
    assert_eq!(cut.start(&image), 1);
}

#[test]
fn a_damaged_image_is_not_kept() {
    let mut image = newer().encode();
    image[HEADER_BYTES + 100] ^= 0x10;
    let mut bench = Bench::activated(engine());
    assert_eq!(bench.start(&image), 1);
    for (at, data) in image[HEADER_BYTES..].chunks(2048).enumerate() {
        assert_eq!(bench.write_long(at * 2048, data), 1);
    }
    assert_eq!(bench.run(0x0107, &[]).0, 0x45);
    assert_eq!(bench.run(0x0100, &[]).1[0], 0b0100_0011, "B is invalid");
    assert_eq!(bench.run(0x0109, &[0, 0, 0, 0]).0, 0x47);
}

#[test]
fn blocks_come_in_order_and_may_come_twice() {
    let image = newer().encode();
    let payload = &image[HEADER_BYTES..];
    let mut bench = Bench::activated(engine());
    bench.start(&image);
    assert_eq!(bench.write_short(116, &payload[116..232]), 0x42, "a gap");
    assert_eq!(bench.write_short(0, &payload[..116]), 1);
    assert_eq!(bench.write_short(0, &payload[..116]), 1, "again");
    assert_eq!(bench.write_short(4990, &payload[4990..]), 0x42);
    assert_eq!(bench.run(0x0107, &[]).0, 0x45, "not whole");
}

#[test]
fn an_aborted_download_leaves_the_running_image() {
    let image = newer().encode();
    let mut bench = Bench::activated(engine());
    bench.start(&image);
    assert_eq!(bench.run(0x0102, &[]).0, 1);
    assert_eq!(
        bench.write_short(0, &image[HEADER_BYTES..HEADER_BYTES + 10]),
        0x47
    );
    assert_eq!(bench.version(), (1, 2));
}

#[test]
fn protected_firmware_wants_the_password_and_the_host_may_change_it() {
    let mut profile: Profile = engine();
    profile.cdb.as_mut().expect("it has commands").is_protected = true;
    let mut bench = Bench::activated(profile);
    let image = newer().encode();
    assert_eq!(bench.start(&image), 0x46);
    bench.put(0, &lower::PASSWORD_ENTRY, &[0, 0, 0x10, 0x11]);
    assert_eq!(bench.start(&image), 1);
    bench.put(0, &lower::PASSWORD_CHANGE_ENTRY, &[0x12, 0x34, 0x56, 0x78]);
    bench.put(0, &lower::PASSWORD_ENTRY, &[0, 0, 0x10, 0x11]);
    assert_eq!(bench.start(&image), 0x46, "the old one is no longer right");
    bench.put(0, &lower::PASSWORD_ENTRY, &[0x12, 0x34, 0x56, 0x78]);
    assert_eq!(bench.start(&image), 1);
    assert_eq!(bench.module.nonvolatile().host_password, 0x1234_5678);
}

#[test]
fn features_of_firmware_stand_where_hosts_read_them() {
    let mut bench = Bench::activated(engine());
    let (status, reply) = bench.run(0x0041, &[]);
    assert_eq!(status, 1);
    assert_eq!(reply[1] & 1, 1, "abort");
    assert_eq!(usize::from(reply[2]), HEADER_BYTES);
    assert_eq!((usize::from(reply[4]) + 1) * 8, 2048);
    assert_eq!(reply[5], 3, "short and long payloads");
    assert_eq!(u16::from_be_bytes([reply[8], reply[9]]), 200, "ms to start");
    let (_, reply) = bench.run(0x0040, &[]);
    assert_eq!(u16::from_be_bytes([reply[34], reply[35]]), 500);
    assert_eq!(bench.byte(0, &p01::CDB_INSTANCES_SUPPORTED), 0b0110_0111);
}

#[test]
fn images_are_read_back_as_they_were_written() {
    let image = newer();
    assert_eq!(Image::decode(&image.encode()), Ok(image.clone()));
    assert!(Image::decode(&image.encode()[..100]).is_err());
    assert!(Image::decode(b"ELF").is_err());
    let kept = Nonvolatile::new(factory_image());
    assert_eq!(kept.boots(), 0);
    assert_eq!(MS, 1_000_000);
}
