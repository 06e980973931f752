//! Whatever line a client of a managed device sends, both readers of requests find the same, and what
//! they find survives its own line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use server::device_socket::{Asked, Request};

fuzz_target!(|line: &[u8]| {
    let asked = Asked::parse(line);
    assert_eq!(asked, Asked::parse_any(line));
    if let Some(id) = &asked.id {
        // It is repeated inside one line of JSON.
        assert!(!id.json().contains(&b'\n'));
    }
    match asked.request {
        Ok(request) => {
            let back = Request::parse(request.encode().as_bytes());
            assert_eq!(back, Ok(request));
        }
        Err(problem) => assert!(!problem.is_empty()),
    }
});
