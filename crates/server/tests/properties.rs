//! What holds for any line.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use cmis::Address;
use proptest::prelude::*;
use serde_json::{Map, Value};
use server::device_socket::{Asked, Data, Request};

fn any_request() -> impl Strategy<Value = Request> {
    let address = (any::<u8>(), any::<u8>(), any::<u8>());
    let address = address.prop_map(|(bank, page, byte)| Address { bank, page, byte });
    let read = (address.clone(), any::<prop::sample::Index>()).prop_map(|(from, n_bytes)| {
        let most = 256 - usize::from(from.byte);
        let n_bytes = u16::try_from(n_bytes.index(most) + 1).unwrap();
        Request::Read { from, n_bytes }
    });
    let peek = read.clone().prop_map(|read| match read {
        Request::Read { from, n_bytes } => Request::Peek { from, n_bytes },
        other => other,
    });
    let data = prop::collection::vec(any::<u8>(), 1..=256);
    let write = (address, data).prop_map(|(from, mut data)| {
        data.truncate(256 - usize::from(from.byte));
        let data = Data::new(&data).unwrap();
        Request::Write { from, data }
    });
    let args = prop::collection::btree_map(".*", any::<i64>(), 0..4);
    let inject = (".*", args).prop_map(|(what, args)| {
        let args = args.into_iter();
        let args: Map<_, _> = args
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
        Request::Inject { what, args }
    });
    prop_oneof![
        4 => read,
        2 => peek,
        4 => write,
        1 => (0..=86_400_000u64).prop_map(|ms| Request::Advance { ms }),
        1 => Just(Request::Fresh),
        1 => inject,
    ]
}

/// A line that is nearly a request: pieces of them in any order.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "{", "}", ",", ":", "\"", " ", "\t", "\"op\":\"read\"", "\"op\":\"write\"",
            "\"op\":\"peek\"", "\"page\":\"9fh\"", "\"id\":12", "\"id\":\"a1\"", "\"id\":",
            "\"page\":17", "\"bank\":0", "\"off\":128", "\"off\":0255", "\"len\":4", "\"len\":1e1",
            "\"data\":\"ff\"", "\"data\":\"f\"", "\"data\":\"\\u0066f\"", "null", "[", "]", "-0",
        ]).prop_map(str::to_owned),
        1 => "[0-9a-f.eE+-]{0,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// Members of a request in any order, joined as they should be.
fn members() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("0".to_owned()),
        (0..300u32).prop_map(|n| n.to_string()),
        Just("-0".to_owned()),
        Just("1.0".to_owned()),
        Just("00".to_owned()),
    ];
    let name = prop::sample::select(vec!["page", "bank", "off", "len"]);
    let numeric = (name, number).prop_map(|(name, number)| format!("\"{name}\":{number}"));
    let member = prop_oneof![
        4 => numeric,
        1 => prop::sample::select(vec!["read", "write", "fresh"])
            .prop_map(|op| format!("\"op\": \"{op}\"")),
        1 => "[0-9a-gA-F]{0,8}".prop_map(|hex| format!("\"data\" :\"{hex}\"")),
        1 => "[0-9a-gA-F]{0,3}[hH]?".prop_map(|page| format!("\"page\": \"{page}\"")),
        2 => "-?[0-9]{0,21}(\\.[0-9])?(e[0-9]{1,2})?".prop_map(|id| format!("\"id\": {id}")),
        1 => any::<String>().prop_map(|id| format!("\"id\": {}", Value::from(id))),
    ];
    let members = prop::collection::vec(member, 0..7);
    (members, "[ \t\r]{0,2}").prop_map(|(members, blank)| {
        let op = "\"op\":\"read\"".to_owned();
        let separator = format!("{blank},{blank}");
        let members = std::iter::once(op).chain(members).collect::<Vec<_>>();
        format!("{blank}{{{}}}{blank}", members.join(&separator))
    })
}

fn check(line: &[u8]) {
    let quick = Asked::parse(line);
    assert_eq!(quick, Asked::parse_any(line));
    if let Some(id) = quick.id {
        let id: Value = serde_json::from_slice(id.json()).unwrap();
        assert!(id.is_string() || id.is_number());
    }
    if let Ok(request) = quick.request {
        let encoded = request.encode();
        assert_eq!(Request::parse(encoded.as_bytes()), Ok(request));
        assert!(!encoded.contains('\n'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn requests_survive_their_line(request in any_request()) {
        let line = request.encode();
        prop_assert_eq!(Request::parse(line.as_bytes()), Ok(request.clone()));
        prop_assert_eq!(Request::parse_any(line.as_bytes()), Ok(request));
    }

    #[test]
    fn both_readers_agree_on_any_bytes(line in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&line);
    }

    #[test]
    fn both_readers_agree_on_what_is_nearly_a_request(line in nearly()) {
        check(line.as_bytes());
    }

    #[test]
    fn both_readers_agree_on_members_in_any_order(line in members()) {
        check(line.as_bytes());
    }

    #[test]
    fn both_readers_agree_on_requests_with_a_change(
        request in any_request(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut line = request.encode().into_bytes();
        let place = place.index(line.len());
        line[place] = byte;
        check(&line);
        line.truncate(place);
        check(&line);
    }
}
