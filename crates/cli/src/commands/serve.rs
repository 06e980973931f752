//! `serve`: the wiring from twin to plant to server.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use plant::DeviceName;
use server::{SocketOptions, monotonic_clock, serve_observations};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

use crate::args;
use crate::input;
use crate::output::Output;

/// Simulated time between two states of the switch, in step with the clock.
const STEP: Duration = Duration::from_millis(100);

/// Serves until interrupted.
pub(crate) fn run(serve: &args::Serve, out: &mut Output) -> Result<()> {
    let library = input::library(serve.resolve.library.as_deref())?;
    let system = input::resolve(&serve.system, &library, &serve.resolve)?;
    let system = Arc::new(system);
    let name = DeviceName::new(system.description.name.clone())?;
    let plan = Arc::new(SwitchPlan::new(Arc::clone(&system))?);
    let world = World::looped_back(Switch::new(&plan, name, serve.seed)?);
    let offer = Offer {
        step: STEP,
        allow_inject: serve.allow_inject,
    };
    let world = Arc::new(Mutex::new(world));
    let plant = TwinPlant::new(&world, 0, offer).context("the world has no switch")?;
    let mut options = SocketOptions::new(&serve.socket);
    options.allow_write = serve.allow_write || serve.allow_inject;
    options.allow_inject = serve.allow_inject;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime
        .block_on(async {
            let interrupted = interrupted()?;
            let socket = options.listen().await?;
            writeln!(
                out,
                "{}: observations of a live switch as JSON lines on {}\nfingerprint {}\nCtrl-C ends it",
                system.description.name,
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
