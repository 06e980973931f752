//! `serve`: the wiring from twin to plant, from there to managed devices, and from both to servers.

mod bus;
mod keeper;
mod managed;
mod sonic;
mod wish;

use std::io::Write as _;
use std::mem::discriminant;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use cmis::Layout;
use device::ManagedSwitch;
use plant::{DeviceName, Plant as _, Timestamp};
use server::{
    Clock, DeviceAddress, DeviceKind, DeviceSocketOptions, Managed, ManagedDevices as _,
    OptoeMount, OptoeOptions, SocketOptions, keep_time, serve_devices, serve_observations,
};
use system::System;
use tokio::sync::watch;
use twin::scenario::{Event, Scenario};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

use self::keeper::Keeper;
use self::managed::{ManagedTwin, Parts};
use self::sonic::Platform;
use crate::args;
use crate::input;
use crate::output::{BadInput, Output, UsageError};

/// Simulated time between two states of the switch.
const STEP: Duration = Duration::from_millis(100);

/// Serves until interrupted.
pub(crate) fn run(serve: &args::Serve, out: &mut Output) -> Result<()> {
    let has_devices =
        serve.optoe.is_some() || serve.cmis_sockets.is_some() || serve.cmis_tcp.is_some();
    if !has_devices && serve.socket.is_none() {
        let what = "nothing to serve; say where: --socket PATH for observations, --optoe DIR or --cmis-sockets DIR for registers";
        return Err(UsageError(what.to_owned()).into());
    }
    let library = input::library(serve.resolve.library.as_deref())?;
    let system = input::resolve(&serve.system, &library, &serve.resolve)?;
    let system = Arc::new(system);
    let events = scenario(serve.scenario.as_deref(), &system)?;
    let name = DeviceName::new(system.description.name.clone())?;
    let plan = Arc::new(SwitchPlan::new(Arc::clone(&system))?);
    let world = World::looped_back(Switch::new(&plan, name, serve.seed)?);
    let world = Arc::new(Mutex::new(world));
    let clock = Clock::new(serve.clock);
    let start = clock.now();
    let offer = Offer {
        step: STEP,
        allow_inject: serve.allow_inject,
    };
    let plant = |world: &Arc<Mutex<World>>| {
        TwinPlant::new(world, 0, offer).context("the world has no switch")
    };
    let observed = plant(&world)?;
    // A scenario needs somebody who plays it.
    let managed = (has_devices || !events.is_empty())
        .then(|| -> Result<ManagedTwin> {
            let plant = plant(&world)?;
            let (devices, keeper) = devices(&system, &plant, serve.state.as_deref(), start)?;
            Ok(ManagedTwin::new(Parts {
                system: Arc::clone(&system),
                world: Arc::clone(&world),
                plant,
                devices,
                events,
                keeper,
                step: STEP,
                start,
            }))
        })
        .transpose()?;
    let platform = match (&serve.sonic, &serve.optoe, &managed) {
        (Some(directory), Some(optoe), Some(managed)) => {
            let infos = managed.devices();
            Some(Platform::new(directory, optoe, &system, infos)?)
        }
        _ => None,
    };
    writeln!(
        out,
        "{}: a live switch, clock {}\nfingerprint {}",
        system.description.name, serve.clock, system.fingerprint
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let interrupted = interrupted()?;
        match managed {
            Some(managed) => {
                look(&managed, out)?;
                let managed = Managed::new(managed, clock);
                let managed = Some((&managed, platform.as_ref()));
                serve_all(serve, managed, observed, out, interrupted).await
            }
            None => serve_all(serve, None, observed, out, interrupted).await,
        }
    })
}

/// Everything that is asked for, until the end.
async fn serve_all(
    serve: &args::Serve,
    managed: Option<(&Managed<ManagedTwin>, Option<&Platform>)>,
    observed: TwinPlant,
    out: &mut Output,
    interrupted: impl Future<Output = ()>,
) -> Result<()> {
    let (stop, stopped) = watch::channel(());
    let until_stopped = || {
        let mut stopped = stopped.clone();
        // It ends when nobody can stop it any more, too.
        async move { drop(stopped.changed().await) }
    };
    let observations = match &serve.socket {
        Some(path) => {
            let mut options = SocketOptions::new(path);
            options.allow_write = serve.allow_write || serve.allow_inject;
            options.allow_inject = serve.allow_inject;
            let socket = options.listen().await;
            let socket = socket.with_context(|| format!("cannot serve on {}", path.display()))?;
            writeln!(out, "observations as JSON lines on {}", path.display())?;
            Some(socket)
        }
        None => None,
    };
    let mut mount = None;
    let mut sockets = None;
    let platform = managed.and_then(|(_, platform)| platform);
    let managed = managed.map(|(managed, _)| managed);
    if let Some(managed) = managed {
        if serve.cmis_sockets.is_some() || serve.cmis_tcp.is_some() {
            let mut options = DeviceSocketOptions::default();
            options.directory.clone_from(&serve.cmis_sockets);
            options.tcp = serve.cmis_tcp;
            options.allow_remote = serve.allow_remote;
            options.allow_inject = serve.allow_inject;
            let listening = options.listen(managed).await?;
            for line in places(managed, &listening) {
                writeln!(out, "{line}")?;
            }
            sockets = Some(listening);
        }
        if let Some(directory) = &serve.optoe {
            mount = mounted(serve, managed, directory, sockets.is_some(), out)?;
            if let Some(platform) = platform.filter(|_| mount.is_some()) {
                writeln!(out, "{}", platform.write()?)?;
            }
        }
    }
    writeln!(out, "Ctrl-C ends it")?;
    out.flush()?;
    let now = managed.cloned();
    let mut own = server::monotonic_clock();
    let time = move || match &now {
        Some(managed) => managed.clock().now(),
        None => own(),
    };
    tokio::join!(
        async {
            interrupted.await;
            drop(stop);
        },
        async {
            if let Some(socket) = observations {
                serve_observations(observed, socket, time, until_stopped()).await;
            }
        },
        async {
            if let Some(sockets) = sockets {
                serve_devices(sockets, until_stopped()).await;
            }
        },
        async {
            if let Some(managed) = managed {
                keep_time(managed.clone(), STEP, until_stopped()).await;
            }
        },
    );
    if let Some(mount) = mount {
        let directory = mount.directory().to_owned();
        let done = mount.unmount();
        done.with_context(|| format!("cannot take down {}", directory.display()))?;
    }
    Ok(())
}

/// Mounts the files. Where the system cannot, sockets go on without them, and say so.
fn mounted(
    serve: &args::Serve,
    managed: &Managed<ManagedTwin>,
    directory: &Path,
    has_sockets: bool,
    out: &mut Output,
) -> Result<Option<OptoeMount>> {
    let mut options = OptoeOptions::new(directory);
    options.layout = if serve.layout == "240" {
        Layout::Pages240
    } else {
        Layout::Pages256
    };
    match options.mount(managed) {
        Ok(mount) => {
            writeln!(
                out,
                "registers as files of optoe, {} pages to a bank, in {}",
                serve.layout,
                directory.display()
            )?;
            Ok(Some(mount))
        }
        Err(error) if has_sockets => {
            writeln!(anstream::stderr(), "warning: no files: {error}")?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The devices of a system, with what they have kept.
fn devices(
    system: &Arc<System>,
    plant: &TwinPlant,
    state: Option<&Path>,
    start: Timestamp,
) -> Result<(ManagedSwitch, Option<Keeper>)> {
    let keeper = state.map(Keeper::open).transpose()?;
    let records = match &keeper {
        Some(keeper) => {
            let fleet = device::Fleet::new(system)?;
            keeper.records(fleet.devices().iter().map(|of| of.name.as_str()))?
        }
        None => Vec::new(),
    };
    let devices = ManagedSwitch::new(system, plant.capabilities(), &records, start);
    let devices = devices.with_context(|| match state {
        Some(state) => format!("devices with what is kept in {}", state.display()),
        None => "devices".to_owned(),
    })?;
    Ok((devices, keeper))
}

/// What happens over time.
fn scenario(file: Option<&Path>, system: &Arc<System>) -> Result<Vec<Event>> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let bytes = input::read_named(file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let load = |name: &str| input::read_file(&folder.join(name));
    let shown = file.display().to_string();
    let switches = [(system.description.name.as_str(), &**system)];
    let scenario = Scenario::parse(&shown, &bytes, &switches, &load).map_err(BadInput)?;
    scenario.without_devices().map_err(BadInput)?;
    Ok(scenario.events)
}

/// Where sockets listen: the first and the last of each kind.
fn places(
    managed: &Managed<ManagedTwin>,
    sockets: &server::DeviceSockets<ManagedTwin>,
) -> Vec<String> {
    let infos = managed.infos();
    let mut runs: Vec<(DeviceKind, &DeviceAddress, &DeviceAddress)> = Vec::new();
    for (device, address) in sockets.addresses() {
        let kind = infos[device].kind;
        let is_alike = |of: &DeviceAddress| discriminant(of) == discriminant(address);
        match runs.last_mut() {
            Some((of, first, last)) if *of == kind && is_alike(first) => *last = address,
            _ => runs.push((kind, address, address)),
        }
    }
    let line = |(kind, first, last): (DeviceKind, &DeviceAddress, &DeviceAddress)| {
        let what = match kind {
            DeviceKind::Engine => "engines",
            DeviceKind::Laser => "laser modules",
        };
        let end = if first == last {
            String::new()
        } else {
            format!(" to {last}")
        };
        format!("registers of {what} as JSON lines on {first}{end}")
    };
    runs.into_iter().map(line).collect()
}

/// Says what is managed, and how long a look at all of it takes a host.
fn look(managed: &ManagedTwin, out: &mut Output) -> Result<()> {
    let devices = managed.managed();
    let bits: u64 = devices.iter().map(bus::bits_of_a_look).sum();
    let at = |hertz: f64| bits as f64 / hertz;
    let n_banks: usize = devices.iter().map(|of| usize::from(of.banks)).sum();
    writeln!(
        out,
        "{} devices with {n_banks} banks; a look at all monitors and flags takes {:.2} s of one bus at 400 kHz, {:.2} s at 1 MHz",
        devices.len(),
        at(400e3),
        at(1e6)
    )?;
    Ok(())
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
