//! Network namespaces, the veth pairs between them, and `tc` at each end.
//!
//! Nothing of this has a name outside of this process: a namespace lives as long as
//! a file descriptor of ours or a socket in it, and takes its devices with it. So
//! nothing is left behind, however the process ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use deadzone_core::plan::NodeId;
use nix::sched::{CloneFlags, setns, unshare};

use super::error::KernelError;
use super::netem::Shape;

/// What `tc` is asked after each change: once it has answered, the change is made.
const QUESTION: &str = "qdisc show dev lo";

/// One end of a veth pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Which pair.
    pub(crate) pair: usize,
    /// The node in whose namespace it is.
    pub(crate) node: NodeId,
}

/// A network namespace.
#[derive(Debug)]
pub(crate) struct Namespace(File);

impl Namespace {
    /// That of this thread.
    fn here() -> io::Result<Self> {
        File::open("/proc/thread-self/ns/net").map(Self)
    }

    /// A fresh one, in which this thread is from now on.
    fn fresh() -> io::Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        Self::here()
    }

    fn enter(&self) -> io::Result<()> {
        Ok(setns(&self.0, CloneFlags::CLONE_NEWNET)?)
    }

    /// What `ip` can find it by.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}

/// The namespaces of all nodes, and who is beside whom.
#[derive(Debug)]
pub(crate) struct Spaces {
    home: Namespace,
    nodes: Vec<Namespace>,
    pairs: Vec<[NodeId; 2]>,
}

impl Spaces {
    /// Does something in the namespace of a node: what opens a socket, or starts a
    /// process, has it there for good.
    ///
    /// # Errors
    /// If the thread cannot go there or come back.
    pub(crate) fn inside<T>(&self, node: NodeId, act: impl FnOnce() -> T) -> io::Result<T> {
        self.nodes[node.0 as usize].enter()?;
        let done = act();
        self.home.enter()?;
        Ok(done)
    }

    /// Where `peer` is reached from `node`.
    ///
    /// # Panics
    /// If the two are no neighbours.
    pub(crate) fn address_of(&self, peer: NodeId, node: NodeId) -> IpAddr {
        let side_of = |&sides: &[NodeId; 2]| match sides {
            _ if sides == [peer, node] => Some(0),
            _ if sides == [node, peer] => Some(1),
            _ => None,
        };
        let mut found = self
            .pairs
            .iter()
            .enumerate()
            .filter_map(|(pair, sides)| side_of(sides).map(|side| address(pair, side)));
        found.next().expect("only neighbours talk")
    }

    /// Makes the pairs, each with an end on either side.
    fn connect(&self) -> Result<(), KernelError> {
        let mut lines: Vec<String> = vec!["link set dev lo up\n".to_owned(); self.nodes.len()];
        for (pair, &sides) in self.pairs.iter().enumerate() {
            let [dialer, listener] = sides.map(|node| node.0 as usize);
            let device = device(pair);
            let [here, there] = [0, 1].map(|side| hardware_address(pair, side));
            lines[dialer].push_str(&format!(
                "link add {device} address {here} type veth peer name {device} address {there} \
                 netns {}\n",
                self.nodes[listener].path()
            ));
        }
        self.configure(&lines)?;
        let mut lines = vec![String::new(); self.nodes.len()];
        for (pair, sides) in self.pairs.iter().enumerate() {
            for (side, node) in sides.iter().enumerate() {
                let (device, other) = (device(pair), 1 - side);
                // A packet of 64 KiB would be lost or late as one; and nobody is to ask
                // for addresses over a link that loses the question.
                lines[node.0 as usize].push_str(&format!(
                    "address add {}/30 dev {device}\n\
                     link set dev {device} gso_max_segs 1 up\n\
                     neighbour replace {} lladdr {} dev {device} nud permanent\n",
                    address(pair, side),
                    address(pair, other),
                    hardware_address(pair, other),
                ));
            }
        }
        self.configure(&lines)
    }

    /// Runs `ip` on some lines in each node's namespace.
    fn configure(&self, lines: &[String]) -> Result<(), KernelError> {
        for (node, lines) in lines.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
            self.inside(NodeId(node as u32), || run_to_end("ip", lines))
                .map_err(KernelError::Namespace)??;
        }
        Ok(())
    }
}

/// A namespace for each node, a veth pair for each two neighbours.
#[derive(Debug)]
pub(crate) struct Fabric {
    pub(crate) spaces: Rc<Spaces>,
    shapers: Vec<Shaper>,
}

impl Fabric {
    /// Namespaces and pairs, with nothing in the way yet.
    ///
    /// # Errors
    /// [`KernelError`] if the kernel or its tools refuse.
    pub(crate) fn build(nodes: usize, pairs: Vec<[NodeId; 2]>) -> Result<Self, KernelError> {
        let home = Namespace::here().map_err(KernelError::Namespace)?;
        let node = |_| {
            let namespace = Namespace::fresh().map_err(KernelError::Namespace)?;
            Ok((namespace, Shaper::start()?))
        };
        let made: Result<Vec<_>, KernelError> = (0..nodes).map(node).collect();
        home.enter().map_err(KernelError::Namespace)?;
        let (nodes, shapers) = made?.into_iter().unzip();
        let spaces = Spaces { home, nodes, pairs };
        spaces.connect()?;
        Ok(Self { spaces: Rc::new(spaces), shapers })
    }

    /// From now on packets that leave there meet this.
    ///
    /// # Errors
    /// [`KernelError`] if `tc` has died.
    pub(crate) fn shape(&mut self, end: End, shape: &Shape) -> Result<(), KernelError> {
        self.shapers[end.node.0 as usize].shape(end.pair, shape)
    }

    /// Ends the `tc` of each namespace.
    ///
    /// # Errors
    /// [`KernelError`] if one of them did not take what it was told.
    pub(crate) fn close(self) -> Result<(), KernelError> {
        self.shapers.into_iter().try_for_each(Shaper::close)
    }
}

/// Whether namespaces, pairs and `netem` can be had here.
///
/// # Errors
/// [`KernelError`] says what is missing.
pub(crate) fn check() -> Result<(), KernelError> {
    // The namespace goes with its thread.
    let check = || {
        if !nix::unistd::geteuid().is_root() {
            return Err(KernelError::NotRoot);
        }
        Namespace::fresh().map_err(KernelError::Namespace)?;
        run_to_end("ip", "link add dz0 type veth peer name dz1\n")?;
        run_to_end("tc", "qdisc add dev dz0 root netem delay 1ms\n")
    };
    let thread = std::thread::Builder::new().name("check".to_owned()).spawn(check);
    let thread = thread.map_err(KernelError::System)?;
    thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

fn device(pair: usize) -> String {
    format!("dz{pair}")
}

/// The addresses of a pair are a network of four.
fn address(pair: usize, side: usize) -> IpAddr {
    let [_, high, middle, low] = (pair as u32 * 4 + side as u32 + 1).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, high, middle, low))
}

/// Of those that are for local use (IEEE 802c).
fn hardware_address(pair: usize, side: usize) -> String {
    let [a, b, c, d] = (pair as u32).to_be_bytes();
    format!("02:{side:02x}:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// Runs `program -batch -` on these lines.
fn run_to_end(program: &'static str, lines: &str) -> Result<(), KernelError> {
    let mut child = batch(program, &[]).map_err(|error| KernelError::Tool { program, error })?;
    let mut stdin = child.stdin.take().expect("it is piped");
    // One that ended early says why.
    let _ = stdin.write_all(lines.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| KernelError::Tool { program, error })?;
    if output.status.success() {
        return Ok(());
    }
    Err(KernelError::said(program, &output.stderr))
}

fn batch(program: &str, flags: &[&str]) -> io::Result<Child> {
    // A worker has no such variable, and few people have those folders in theirs.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin:/usr/bin:/bin";
    Command::new(program)
        .env("PATH", path)
        .args(flags)
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// The `tc` of one namespace. Starting one for each change would take milliseconds,
/// in which the world's clock runs on.
#[derive(Debug)]
struct Shaper {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Shaper {
    /// In the namespace of this thread.
    fn start() -> Result<Self, KernelError> {
        let error = |error| KernelError::Tool { program: "tc", error };
        // Goes on after an error, and tells of it when it ends.
        let mut child = batch("tc", &["-force"]).map_err(error)?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { child, stdin, stdout })
    }

    fn shape(&mut self, pair: usize, shape: &Shape) -> Result<(), KernelError> {
        let (device, Shape { first, second }) = (device(pair), shape);
        // Of the same handle and kind it is changed, with the packets that it holds.
        let mut lines = format!("qdisc replace dev {device} root handle 1: netem {first}\n");
        if let Some(second) = second {
            lines.push_str(&format!(
                "qdisc replace dev {device} parent 1:1 handle 2: netem {second}\n"
            ));
        }
        lines.push_str(QUESTION);
        lines.push('\n');
        let mut answer = String::new();
        let asked = self.stdin.write_all(lines.as_bytes()).and_then(|()| self.stdin.flush());
        let answered = asked.and_then(|()| self.stdout.read_line(&mut answer));
        match answered {
            Ok(bytes) if bytes > 0 => {}
            Ok(_) => return Err(self.last_words()),
            Err(error) => return Err(KernelError::Tool { program: "tc", error }),
        }
        Ok(())
    }

    fn last_words(&mut self) -> KernelError {
        let mut said = Vec::new();
        if let Some(stderr) = &mut self.child.stderr {
            // What it could still say.
            let _ = stderr.read_to_end(&mut said);
        }
        KernelError::said("tc", &said)
    }

    fn close(mut self) -> Result<(), KernelError> {
        drop(self.stdin);
        let said = {
            let mut said = Vec::new();
            let stderr = self.child.stderr.as_mut().expect("it is piped");
            stderr.read_to_end(&mut said).map(|_| said)
        };
        let error = |error| KernelError::Tool { program: "tc", error };
        let (said, status) = (said.map_err(error)?, self.child.wait().map_err(error)?);
        if status.success() { Ok(()) } else { Err(KernelError::said("tc", &said)) }
    }
}
