//! Whatever line a client of a managed device sends, both readers of requests find the same, and what
//! they find survives its own line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use server::device_socket::Request;

fuzz_target!(|line: &[u8]| {
    let request = Request::parse(line);
    assert_eq!(request, Request::parse_any(line));
    match request {
        Ok(request) => {
            let back = Request::parse(request.encode().as_bytes());
            assert_eq!(back, Ok(request));
        }
        Err(problem) => assert!(!problem.is_empty()),
    }
});
