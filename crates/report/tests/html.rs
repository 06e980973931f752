//! Reports are well-formed, need nothing from outside, and say how they were made.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::Case;
use html5gum::{Token, Tokenizer};
use report::html::{Making, RunPage, compare_html, run_html};
use system::Library;

const COMMAND: &str = "shoreline run cpo-51t --set 'a<b'";

fn run_page(case: &Case) -> String {
    let library = Library::embedded();
    run_html(&RunPage {
        solved: case.solved(),
        making: making(&library),
    })
    .unwrap()
}

fn making(library: &Library) -> Making<'_> {
    Making {
        command: COMMAND,
        program: "shoreline 0",
        library,
    }
}

fn compare_page(cases: &[Case]) -> String {
    let library = Library::embedded();
    let solved: Vec<_> = cases.iter().map(Case::solved).collect();
    compare_html(&solved, &making(&library)).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Tags with their attributes, and all text. Panics at what is not well-formed.
fn read(page: &str) -> (Vec<(String, Vec<(String, String)>)>, String) {
    const VOID: [&str; 2] = ["meta", "br"];
    let (mut tags, mut words, mut open) = (Vec::new(), String::new(), Vec::new());
    for token in Tokenizer::new(page) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                let attributes = tag.attributes.iter();
                let attributes = attributes.map(|(key, value)| (text(key), text(value)));
                tags.push((name.clone(), attributes.collect()));
                if !tag.self_closing && !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
            Token::String(string) => words.push_str(&text(&string)),
            Token::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    (tags, words)
}

fn check(page: &str) {
    let (tags, _) = read(page);
    assert!(page.starts_with("<!DOCTYPE html>"));
    let ids: Vec<&str> = tags
        .iter()
        .flat_map(|(_, attributes)| attributes)
        .filter(|(key, _)| key == "id")
        .map(|(_, value)| value.as_str())
        .collect();
    for (name, attributes) in &tags {
        let loads = [
            "script", "link", "img", "iframe", "object", "embed", "base", "image", "use",
        ];
        assert!(
            !loads.contains(&name.as_str()),
            "<{name}> asks for something"
        );
        for (key, value) in attributes {
            assert!(!key.starts_with("on") && key != "src", "{key}={value}");
            assert!(
                !value.contains("url(") && !value.contains("//"),
                "{key}={value}"
            );
            if key.ends_with("href") {
                let id = value.strip_prefix('#').unwrap();
                assert!(ids.contains(&id), "{value} leads nowhere");
            }
        }
    }
    let style = page.split("<style>").nth(1).unwrap();
    let style = style.split("</style>").next().unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn reports_are_well_formed_and_ask_for_nothing() {
    check(&run_page(&Case::new("cpo-51t", &[], 60)));
    check(&run_page(&Case::new("dsp-51t", &[], 0)));
    // Dark lanes have no margin, and draws that fail have reasons.
    check(&run_page(&Case::new(
        "cpo-51t",
        &["laser_module.els.launch='-20 dBm'"],
        60,
    )));
    let cases = ["cpo-51t", "quantum-x-115t"].map(|platform| Case::new(platform, &[], 0));
    check(&compare_page(&cases));
}

#[test]
fn a_report_says_how_it_was_made_and_where_values_come_from() {
    let case = Case::new("cpo-51t", &[], 60);
    let page = run_page(&case);
    let (tags, words) = read(&page);
    assert!(words.contains(COMMAND));
    assert!(words.contains(&case.system.fingerprint.to_string()));
    let values = case.system.values();
    for value in &values {
        assert!(words.contains(&value.name()), "{}", value.name());
    }
    let n_assumed = values
        .iter()
        .filter(|value| value.origin.is_estimate())
        .count();
    // Each estimate is marked, and the sentence that explains the mark has one.
    let n_marks = tags.iter().filter(|(name, _)| name == "mark").count();
    assert_eq!(n_marks, n_assumed + 1);
    // Light, margins, two tornados and power.
    let n_pictures = tags.iter().filter(|(name, _)| name == "svg").count();
    assert_eq!(n_pictures, 5);
}

#[test]
fn a_report_has_no_date_and_is_the_same_every_time() {
    let page = || run_page(&Case::new("cpo-51t", &[], 60));
    assert!(page() == page());
}

#[test]
fn names_cannot_break_the_page() {
    let evil = "<script>alert('x')</script>&amp;";
    let case = Case::new("cpo-51t", &[&format!("name={evil:?}")], 0);
    let page = run_page(&case);
    check(&page);
    let (_, words) = read(&page);
    assert!(words.contains(evil));
    let cases = [case];
    check(&compare_page(&cases));
}
