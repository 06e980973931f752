//! The time from texts to a resolved system: what every command pays before it starts.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use system::{Input, Library, System};

fn resolve(library: &Library, name: &str) -> System {
    let text = library.platform(name).expect("the platform is embedded");
    let input = Input {
        name,
        bytes: text.as_bytes(),
        sets: &[],
        library,
        load: &|file| Err(format!("{file} is not there")),
    };
    System::resolve(&input).unwrap_or_else(|problems| panic!("{problems}"))
}

fn benches(c: &mut Criterion) {
    c.bench_function("library", |b| b.iter(Library::embedded));
    let library = Library::embedded();
    c.bench_function("cpo-51t, library read", |b| {
        b.iter(|| black_box(resolve(&library, "cpo-51t")));
    });
    c.bench_function("library and cpo-51t", |b| {
        b.iter(|| black_box(resolve(&Library::embedded(), "cpo-51t")));
    });
}

criterion_group!(resolving, benches);
criterion_main!(resolving);
