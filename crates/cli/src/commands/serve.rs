//! `serve`: the wiring from twin to plant to server.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use plant::StaticPlant;
use server::{SocketOptions, monotonic_clock, serve_observations};
use twin::{Figures, SteadyState, observe};

use crate::args;
use crate::input;
use crate::output::Output;

/// Serves until interrupted.
pub(crate) fn run(serve: &args::Serve, out: &mut Output) -> Result<()> {
    let library = input::library(serve.resolve.library.as_deref())?;
    let system = input::resolve(&serve.system, &library, &serve.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let plant = StaticPlant::new(observe(&system, &state, &figures)?)?;
    let mut options = SocketOptions::new(&serve.socket);
    options.allow_write = serve.allow_write;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime
        .block_on(async {
            let interrupted = interrupted()?;
            let socket = options.listen().await?;
            writeln!(
                out,
                "{}: observations of an ideal static plant as JSON lines on {}\nfingerprint {}\nCtrl-C ends it",
                figures.name,
                serve.socket.display(),
                system.fingerprint
            )?;
            out.flush()?;
            serve_observations(plant, socket, monotonic_clock(), interrupted).await;
            anyhow::Ok(())
        })
        .with_context(|| format!("cannot serve on {}", serve.socket.display()))
}

/// Ends at Ctrl-C and at a polite kill.
fn interrupted() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
