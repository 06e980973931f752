//! `serve`: the wiring from twin to plant, from there to managed devices, and from both to servers.

mod bus;
mod keeper;
mod managed;
mod sonic;
mod switch;
mod ways;
mod wish;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use cmis::map::mirror::{DOCUMENTED, Mirror, SONIC_DAVISSON};
use device::ManagedSwitch;
use plant::{Plant as _, Timestamp};
use server::{Clock, Managed};
use twin::world::{Offer, TwinPlant, World};
use twin::world_file::Member;

use self::keeper::Keeper;
use self::managed::ManagedWorld;
use self::sonic::Platform;
use self::switch::ManagedTwin;
use self::ways::{Served, Switch, serve_all};
use crate::args::{self, Mirrors};
use crate::commands::scene::Scene;
use crate::output::{Output, UsageError};

/// Simulated time between two states of the switches.
const STEP: Duration = Duration::from_millis(100);

/// Serves until interrupted.
pub(crate) fn run(serve: &args::Serve, out: &mut Output) -> Result<()> {
    let has_devices =
        serve.optoe.is_some() || serve.cmis_sockets.is_some() || serve.cmis_tcp.is_some();
    if !has_devices && serve.socket.is_none() {
        let what = "nothing to serve; say where: --socket PATH for observations, --optoe DIR or --cmis-sockets DIR for registers";
        return Err(UsageError(what.to_owned()).into());
    }
    if serve.mirrors.is_some() && !has_devices {
        let what =
            "--mirrors is about registers; serve them with --optoe DIR or --cmis-sockets DIR";
        return Err(UsageError(what.to_owned()).into());
    }
    let scene = Scene::read(&serve.system, &serve.resolve, serve.seed)?;
    let mirrors = mirrors(serve, &scene)?;
    let events = match &serve.scenario {
        Some(file) => scene.scenario(file)?.events,
        None => Vec::new(),
    };
    let world = Arc::new(Mutex::new(scene.file.world(serve.seed)?));
    let clock = Clock::new(serve.clock);
    let start = clock.now();
    let plant = |number| plant(serve, &world, number);
    let members = || scene.file.switches.iter().enumerate();
    let is_world = scene.title.is_some();
    // A scenario needs somebody who plays it.
    let managed = (has_devices || !events.is_empty())
        .then(|| -> Result<ManagedWorld> {
            let twins = members().map(|(number, member)| {
                let level = is_world.then_some(member);
                let state = serve.state.as_deref().map(|at| below(at, level));
                managed_twin(member, plant(number)?, (state, start), level)
            });
            let mut twins = twins.collect::<Result<Vec<_>>>()?;
            for twin in &mut twins {
                if let Some(mirrors) = mirrors {
                    twin.devices.set_mirrors(mirrors);
                }
            }
            Ok(ManagedWorld::new(&world, twins, events, (STEP, start)))
        })
        .transpose()?;
    let mut switches = Vec::new();
    for (number, member) in members() {
        let level = is_world.then_some(member);
        let is_davisson = serve.mirrors == Some(Mirrors::Davisson);
        let platform = match (&serve.sonic, &serve.optoe, &managed) {
            (Some(directory), Some(optoe), Some(managed)) => {
                let (directory, optoe) = (below(directory, level), below(optoe, level));
                let of = managed.switches().nth(number);
                let infos: Vec<_> = of.iter().flat_map(|(twin, _)| twin.infos()).collect();
                let platform =
                    Platform::new(&directory, &optoe, &member.system, (&infos, is_davisson));
                Some(named(platform, level)?)
            }
            _ => None,
        };
        let observed = serve.socket.is_some().then(|| plant(number)).transpose()?;
        switches.push(Switch {
            level: level.map(|of| of.name.as_str().to_owned()),
            observed,
            platform,
        });
    }
    introduce(serve, &scene, out)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let interrupted = interrupted()?;
        let managed = match managed {
            Some(managed) => {
                look(&managed, out)?;
                let places: Vec<_> = managed.switches().map(|(_, places)| places).collect();
                let all = Managed::new(managed, clock);
                let parts = places.into_iter().map(|places| all.part(places)).collect();
                Some((all, parts))
            }
            None => None,
        };
        let served = Served {
            serve,
            managed,
            switches,
        };
        serve_all(served, out, interrupted).await
    })
}

/// A switch of the world as a plant.
fn plant(serve: &args::Serve, world: &Arc<Mutex<World>>, number: usize) -> Result<TwinPlant> {
    let offer = Offer {
        step: STEP,
        allow_inject: serve.allow_inject,
    };
    TwinPlant::new(world, number, offer).context("the world has no such switch")
}

/// A place of one switch: that of the argument, or below it where it is one of a world.
fn below(place: &Path, level: Option<&Member>) -> PathBuf {
    match level {
        Some(of) => place.join(of.name.as_str()),
        None => place.to_owned(),
    }
}

/// Says of which switch of a world something is.
fn named<T>(result: Result<T>, level: Option<&Member>) -> Result<T> {
    match level {
        Some(of) => result.with_context(|| format!("switch {}", of.name)),
        None => result,
    }
}

/// The devices of a switch, with what they have kept.
fn managed_twin(
    member: &Member,
    plant: TwinPlant,
    (state, start): (Option<PathBuf>, Timestamp),
    level: Option<&Member>,
) -> Result<ManagedTwin> {
    let system = &member.system;
    let keeper = state.as_deref().map(Keeper::open).transpose()?;
    let records = match &keeper {
        Some(keeper) => {
            let fleet = device::Fleet::new(system)?;
            keeper.records(fleet.devices().iter().map(|of| of.name.as_str()))?
        }
        None => Vec::new(),
    };
    let devices = ManagedSwitch::new(system, plant.capabilities(), &records, start);
    let devices = devices.with_context(|| match &state {
        Some(state) => format!("devices with what is kept in {}", state.display()),
        None => "devices".to_owned(),
    });
    Ok(ManagedTwin {
        devices: named(devices, level)?,
        name: level.map(|of| of.name.as_str().to_owned()),
        system: Arc::clone(system),
        plant,
        keeper,
    })
}

/// On which pages engines show those of their laser modules, where somebody says it.
fn mirrors(serve: &args::Serve, scene: &Scene) -> Result<Option<&'static [Mirror]>, UsageError> {
    let Some(mirrors) = serve.mirrors else {
        return Ok(None);
    };
    let is_joint = |member: &Member| {
        let fleet = device::Fleet::new(&member.system);
        fleet.is_ok_and(|fleet| fleet.devices().iter().any(|of| of.is_joint))
    };
    if !scene.file.switches.iter().any(is_joint) {
        let what = format!(
            "--mirrors: no engine of {} shows pages of a laser module; those on a bus with management = \"joint\" do",
            serve.system
        );
        return Err(UsageError(what));
    }
    Ok(Some(match mirrors {
        Mirrors::Documented => &DOCUMENTED,
        Mirrors::Davisson => &SONIC_DAVISSON,
    }))
}

/// Says what lives.
fn introduce(serve: &args::Serve, scene: &Scene, out: &mut Output) -> Result<()> {
    let switches = &scene.file.switches;
    if let Some(title) = &scene.title {
        let (n, clock) = (switches.len(), serve.clock);
        let s = if n == 1 { "" } else { "es" };
        writeln!(out, "{title}: a live world of {n} switch{s}, clock {clock}")?;
    }
    for of in switches {
        let system = &of.system;
        let name = &system.description.name;
        if scene.title.is_some() {
            let fingerprint = system.fingerprint;
            writeln!(out, "{}: {name}, fingerprint {fingerprint}", of.name)?;
        } else {
            writeln!(
                out,
                "{name}: a live switch, clock {}\nfingerprint {}",
                serve.clock, system.fingerprint
            )?;
        }
    }
    Ok(())
}

/// Says what is managed, and how long a look at all of it takes a host.
fn look(managed: &ManagedWorld, out: &mut Output) -> Result<()> {
    for (twin, _) in managed.switches() {
        let devices = twin.managed();
        let bits: u64 = devices.iter().map(bus::bits_of_a_look).sum();
        let at = |hertz: f64| bits as f64 / hertz;
        let n_banks: usize = devices.iter().map(|of| usize::from(of.banks)).sum();
        if let Some(name) = &twin.name {
            write!(out, "{name}: ")?;
        }
        writeln!(
            out,
            "{} devices with {n_banks} banks; a look at all monitors and flags takes {:.2} s of one bus at 400 kHz, {:.2} s at 1 MHz",
            devices.len(),
            at(400e3),
            at(1e6)
        )?;
    }
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
