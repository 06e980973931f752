//! All ways in, from their beginning to their end.

use std::future::poll_fn;
use std::io::Write as _;
use std::mem::discriminant;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use anyhow::{Context as _, Result};
use cmis::Layout;
use server::{
    Clock, DeviceAddress, DeviceKind, DeviceSocketOptions, DeviceSockets, Listening, Managed,
    OptoeMount, OptoeOptions, Pace, ServeError, SocketOptions, keep_time, serve_devices,
    serve_observations, take_down_stale,
};
use tokio::sync::watch;
use twin::world::TwinPlant;

use super::STEP;
use super::managed::ManagedWorld;
use super::sonic::Platform;
use crate::args;
use crate::output::Output;

/// A switch that is served.
pub(super) struct Switch {
    /// What names it below the places of a world; nothing when it is alone.
    pub(super) level: Option<String>,
    pub(super) observed: Option<TwinPlant>,
    pub(super) platform: Option<Platform>,
}

/// What is served.
pub(super) struct Served<'a> {
    pub(super) serve: &'a args::Serve,
    /// The devices of all switches, and of each.
    pub(super) managed: Option<(Managed<ManagedWorld>, Vec<Managed<ManagedWorld>>)>,
    /// In the order of the world.
    pub(super) switches: Vec<Switch>,
}

/// Everything that is asked for, until the end.
pub(super) async fn serve_all(
    served: Served<'_>,
    out: &mut Output,
    interrupted: impl Future<Output = ()>,
) -> Result<()> {
    let Served {
        serve,
        managed,
        mut switches,
    } = served;
    let (stop, stopped) = watch::channel(());
    let until_stopped = || {
        let mut stopped = stopped.clone();
        // It ends when nobody can stop it any more, too.
        async move { drop(stopped.changed().await) }
    };
    let observations = observations(serve, &mut switches, out).await?;
    let mut mounts = None;
    let mut sockets = Vec::new();
    if let Some((_, parts)) = &managed {
        if serve.cmis_sockets.is_some() || serve.cmis_tcp.is_some() {
            sockets = device_sockets(serve, &switches, parts, out).await?;
        }
        if let Some(directory) = &serve.optoe {
            mounts = mounted(
                serve,
                directory,
                (&switches, parts),
                !sockets.is_empty(),
                out,
            )?;
            for switch in switches.iter().filter(|_| mounts.is_some()) {
                if let Some(platform) = &switch.platform {
                    writeln!(out, "{}", platform.write()?)?;
                }
            }
        }
    }
    writeln!(out, "Ctrl-C ends it")?;
    out.flush()?;
    let all_managed = managed.map(|(all, _)| all);
    let own = Arc::new(Clock::new(Pace::Real));
    let time = || {
        let (managed, own) = (all_managed.clone(), Arc::clone(&own));
        move || match &managed {
            Some(managed) => managed.clock().now(),
            None => own.now(),
        }
    };
    let observing = observations.into_iter().map(|(plant, socket)| {
        let serving = serve_observations(plant, socket, time(), until_stopped());
        Box::pin(serving) as Running<'_>
    });
    let answering = sockets
        .into_iter()
        .map(|sockets| Box::pin(serve_devices(sockets, until_stopped())) as Running<'_>);
    let running = observing.chain(answering).collect();
    tokio::join!(
        async {
            interrupted.await;
            drop(stop);
        },
        all(running),
        async {
            if let Some(managed) = all_managed.clone() {
                keep_time(managed, STEP, until_stopped()).await;
            }
        },
    );
    mounts.map_or(Ok(()), Mounts::unmount)
}

type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Waits until all have ended.
async fn all(mut running: Vec<Running<'_>>) {
    poll_fn(|context| {
        running.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if running.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// A place of one switch: that of the argument, or below it.
fn below(place: &Path, switch: &Switch) -> PathBuf {
    match &switch.level {
        Some(level) => place.join(level),
        None => place.to_owned(),
    }
}

/// Makes the sockets of observations: at the path, or in a world in this directory.
async fn observations(
    serve: &args::Serve,
    switches: &mut [Switch],
    out: &mut Output,
) -> Result<Vec<(TwinPlant, Listening)>> {
    let mut made = Vec::new();
    let Some(path) = &serve.socket else {
        return Ok(made);
    };
    for switch in switches {
        let Some(plant) = switch.observed.take() else {
            continue;
        };
        let path = match &switch.level {
            Some(level) => {
                make_private(path)?;
                path.join(format!("{level}.sock"))
            }
            None => path.clone(),
        };
        let mut options = SocketOptions::new(&path);
        options.allow_write = serve.allow_write || serve.allow_inject;
        options.allow_inject = serve.allow_inject;
        let socket = options.listen().await;
        let socket = socket.with_context(|| format!("cannot serve on {}", path.display()))?;
        writeln!(out, "observations as JSON lines on {}", path.display())?;
        made.push((plant, socket));
    }
    Ok(made)
}

/// Makes a directory that is missing, readable by its owner only.
fn make_private(directory: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    made.with_context(|| format!("cannot make {}", directory.display()))
}

/// Makes the sockets of the devices of each switch; ports are counted over all switches.
async fn device_sockets(
    serve: &args::Serve,
    switches: &[Switch],
    parts: &[Managed<ManagedWorld>],
    out: &mut Output,
) -> Result<Vec<DeviceSockets<ManagedWorld>>> {
    let mut sockets = Vec::new();
    let mut n_before = 0;
    for (switch, part) in switches.iter().zip(parts) {
        let mut options = DeviceSocketOptions::default();
        let directory = serve.cmis_sockets.as_deref();
        options.directory = directory.map(|directory| below(directory, switch));
        let tcp = serve.cmis_tcp.map(|first| further(first, n_before));
        options.tcp = tcp.transpose()?;
        options.allow_remote = serve.allow_remote;
        options.allow_inject = serve.allow_inject;
        let listening = options.listen(part).await?;
        for line in places(part, &listening) {
            if let Some(name) = &switch.level {
                write!(out, "{name}: ")?;
            }
            writeln!(out, "{line}")?;
        }
        n_before += part.infos().len();
        sockets.push(listening);
    }
    Ok(sockets)
}

/// The address of a device behind others; where the first is at any free port, so are all.
fn further(first: SocketAddr, n_before: usize) -> Result<SocketAddr, ServeError> {
    let mut address = first;
    if first.port() != 0 {
        let port = u16::try_from(usize::from(first.port()) + n_before);
        let port = port.map_err(|_| ServeError::TooManyPorts { address: first })?;
        address.set_port(port);
    }
    Ok(address)
}

/// Where sockets listen: the first and the last of each kind.
fn places(managed: &Managed<ManagedWorld>, sockets: &DeviceSockets<ManagedWorld>) -> Vec<String> {
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

/// The files of all switches, and the directory that was made for them.
struct Mounts {
    mounts: Vec<OptoeMount>,
    made: Option<PathBuf>,
}

impl Mounts {
    /// Takes all of them down, and says of the first that would not.
    fn unmount(mut self) -> Result<()> {
        let mounts = std::mem::take(&mut self.mounts).into_iter();
        let done = mounts.map(|mount| {
            let directory = mount.directory().to_owned();
            let done = mount.unmount();
            done.with_context(|| format!("cannot take down {}", directory.display()))
        });
        let done: Vec<Result<()>> = done.collect();
        done.into_iter().collect()
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        self.mounts.clear();
        if let Some(directory) = &self.made {
            // Somebody may have put something there; then it stays.
            std::fs::remove_dir(directory).ok();
        }
    }
}

/// Mounts the files. Where the system cannot, sockets go on without them, and say so.
fn mounted(
    serve: &args::Serve,
    directory: &Path,
    (switches, parts): (&[Switch], &[Managed<ManagedWorld>]),
    has_sockets: bool,
    out: &mut Output,
) -> Result<Option<Mounts>> {
    let mount = || -> Result<Mounts, ServeError> {
        // A server of one switch alone may have been killed here.
        take_down_stale(directory)?;
        let is_world = switches.iter().any(|switch| switch.level.is_some());
        let mut mounts = Mounts {
            mounts: Vec::new(),
            made: (is_world && !directory.exists()).then(|| directory.to_owned()),
        };
        for (switch, part) in switches.iter().zip(parts) {
            let mut options = OptoeOptions::new(below(directory, switch));
            options.layout = if serve.layout == "240" {
                Layout::Pages240
            } else {
                Layout::Pages256
            };
            mounts.mounts.push(options.mount(part)?);
        }
        Ok(mounts)
    };
    match mount() {
        Ok(mounts) => {
            for mount in &mounts.mounts {
                writeln!(
                    out,
                    "registers as files of optoe, {} pages to a bank, in {}",
                    serve.layout,
                    mount.directory().display()
                )?;
            }
            Ok(Some(mounts))
        }
        Err(error) if has_sockets => {
            writeln!(anstream::stderr(), "warning: no files: {error}")?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_go_on_from_switch_to_switch() {
        let at = |text: &str| text.parse().expect("an address");
        let next = further(at("127.0.0.1:7000"), 23);
        assert_eq!(next.expect("it is in range"), at("127.0.0.1:7023"));
        let any = further(at("127.0.0.1:0"), 23);
        assert_eq!(any.expect("any port"), at("127.0.0.1:0"));
        let error = further(at("127.0.0.1:65530"), 6).expect_err("beyond the last port");
        assert!(error.to_string().contains("from 127.0.0.1:65530 on"));
    }
}
