//! A server of registers in a process of its own, and hosts at its sockets.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};

use super::shoreline;

/// A server. When it is dropped, it is killed without a word, unless it has mounted files, which
/// would stay.
pub(crate) struct Server {
    child: Child,
    /// What it has said, up to its last line.
    pub(crate) said: Vec<String>,
    has_mounts: bool,
}

impl Server {
    /// Starts `shoreline serve` with these arguments in a folder, and waits until it serves.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = shoreline(&["serve"])
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            said.push(line);
            if said.last().is_some_and(|line| line == "Ctrl-C ends it") {
                break;
            }
        }
        let has_mounts = arguments.contains(&"--optoe");
        let server = Self {
            child,
            said,
            has_mounts,
        };
        let is_up = server
            .said
            .last()
            .is_some_and(|line| line == "Ctrl-C ends it");
        assert!(is_up, "{:?}", server.said);
        server
    }

    /// Asks it to end.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.ask_to_end();
        self.child.wait().unwrap()
    }

    /// Ends it at once, whatever it has mounted.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn ask_to_end(&self) {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if self.has_mounts {
            self.ask_to_end();
        } else {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

/// A host at the socket of a device, below the folder `regs`.
pub(crate) struct Host {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Host {
    pub(crate) fn new(folder: &Path, device: &str) -> Self {
        let stream = UnixStream::connect(folder.join(format!("regs/{device}.sock"))).unwrap();
        Self {
            reader: BufReader::new(stream.try_clone().unwrap()),
            writer: stream,
        }
    }

    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.writer, "{request}").unwrap();
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub(crate) fn done(&mut self, request: &Value) -> Value {
        let answer = self.ask(request);
        assert_eq!(answer["ok"], true, "{request}: {answer}");
        answer
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.done(&json!({"op": "advance", "ms": ms}));
    }

    pub(crate) fn read(&mut self, page: u8, bank: u8, off: u8, len: usize) -> Vec<u8> {
        let request = json!({"op": "read", "page": page, "bank": bank, "off": off, "len": len});
        let answer = self.done(&request);
        let hex = answer["data"].as_str().unwrap().as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        hex.chunks(2).map(|pair| byte(pair).unwrap()).collect()
    }

    pub(crate) fn write(&mut self, page: u8, off: u8, data: &[u8]) {
        let digits = |byte: &u8| [byte >> 4, byte & 0xF];
        let digit = |of: u8| char::from_digit(of.into(), 16).unwrap();
        let hex: String = data.iter().flat_map(digits).map(digit).collect();
        self.done(&json!({"op": "write", "page": page, "off": off, "data": hex}));
    }
}
