"""Registers a second: `shoreline serve` beside the emulator xcvr-emu, in one run.

    python3 bench/registers.py --shoreline target/release/shoreline [--xcvr-emu CHECKOUT]

Reads four bytes of page 11h, over and over, each way in turn, and takes the median of five rounds. The
peer needs Python with grpcio, protobuf and PyYAML, and its protocol compiled into its own tree.
Without a checkout only our ways are measured, and that is said.
"""

import argparse
import asyncio
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = 5
SECONDS = 1.0
LINE = b'{"op":"read","page":17,"bank":0,"off":154,"len":4}\n'


def rate(once, n):
    """Calls a second of `once`, which does `n` of them; the median of rounds."""
    rates = []
    for _ in range(ROUNDS):
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < SECONDS:
            once()
            done += n
        rates.append(done / (time.perf_counter() - start))
    return statistics.median(rates)


def processor_s(pid):
    """Processor time of a process, s."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def of_socket(path, batch):
    """Asks `batch` times before it reads the answers."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    asked = LINE * batch

    def once():
        writer = threading.Thread(target=client.sendall, args=(asked,))
        if batch > 1:
            writer.start()
        else:
            client.sendall(asked)
        lines = 0
        while lines < batch:
            lines += client.recv(1 << 20).count(b"\n")
        if batch > 1:
            writer.join()

    return once


def of_file(path, is_held):
    if is_held:
        file = os.open(path, os.O_RDONLY)
        return lambda: os.pread(file, 4, 17 * 128 + 154)

    def once():
        with open(path, "rb", buffering=0) as file:
            file.seek(17 * 128 + 154)
            file.read(4)

    return once


def ours(binary):
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        arguments = [binary, "serve", "cpo-51t", "--cmis-sockets", f"{folder}/s", "--optoe", f"{folder}/d"]
        server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        try:
            while server.stdout.readline() not in ("Ctrl-C ends it\n", ""):
                pass
            time.sleep(2)
            name, file = f"{folder}/s/oe0.sock", f"{folder}/d/by-name/oe0/eeprom"
            before, start = processor_s(server.pid), time.perf_counter()
            figures["socket, one at a time"] = rate(of_socket(name, 1), 1)
            used, n = processor_s(server.pid), 20_000
            pipelined = of_socket(name, n)
            figures["socket, pipelined"] = rate(pipelined, n)
            spent = processor_s(server.pid) - used
            figures["socket, pipelined, for each second of the server's core"] = (
                figures["socket, pipelined"] * ROUNDS * SECONDS / spent
            )
            figures["file, open, seek, read and close"] = rate(of_file(file, False), 1)
            figures["file, held open"] = rate(of_file(file, True), 1)
            del before, start
            figures["share of a core, every bank and laser module at 1 Hz"] = polled(server.pid, folder)
        finally:
            server.terminate()
            server.wait()
    return figures


def polled(pid, folder):
    """Reads all monitors and flags by blocks once a second, and what share of a core the server takes."""
    clients = []
    for kind, n, banks in (("oe", 16, 4), ("els", 16, 1)):
        for index in range(n):
            client = socket.socket(socket.AF_UNIX)
            client.connect(f"{folder}/s/{kind}{index}.sock")
            pages = (0x11, 0x24, 0x2C) if kind == "oe" else (0x1A, 0x1B)
            lines = ['{"op":"read","off":0,"len":128}']
            lines += [
                f'{{"op":"read","page":{page},"bank":{bank},"off":128,"len":128}}'
                for bank in range(banks)
                for page in pages
            ]
            clients.append((client, "".join(line + "\n" for line in lines).encode(), len(lines)))
    seconds, before = 10, processor_s(pid)
    for _ in range(seconds):
        start = time.perf_counter()
        for client, asked, n in clients:
            client.sendall(asked)
            lines = 0
            while lines < n:
                lines += client.recv(1 << 16).count(b"\n")
        time.sleep(max(0.0, 1.0 - (time.perf_counter() - start)))
    return (processor_s(pid) - before) / seconds


def peer(checkout):
    sys.path.insert(0, f"{checkout}/src")
    import grpc
    from xcvr_emu.proto import emulator_pb2 as pb2
    from xcvr_emu.xcvr_emud import Emud
    from xcvr_emu.proto import emulator_pb2_grpc

    figures = {}

    async def measure():
        async with Emud(50551, f"{checkout}/src/xcvr_emu/config.yaml", grace=0) as emulator:
            request = pb2.ReadRequest(index=0, bank=0, page=0x11, offset=154, length=4)
            rates = []
            for _ in range(ROUNDS):
                start, done = time.perf_counter(), 0
                while time.perf_counter() - start < SECONDS:
                    await emulator.emulator.Read(request, None)
                    done += 1
                rates.append(done / (time.perf_counter() - start))
            figures["in process"] = statistics.median(rates)
            async with grpc.aio.insecure_channel("127.0.0.1:50551") as channel:
                stub = emulator_pb2_grpc.SfpEmulatorServiceStub(channel)
                rates = []
                for _ in range(ROUNDS):
                    start, done = time.perf_counter(), 0
                    while time.perf_counter() - start < SECONDS:
                        await stub.Read(request)
                        done += 1
                    rates.append(done / (time.perf_counter() - start))
                figures["gRPC, one at a time"] = statistics.median(rates)

    asyncio.run(measure())
    return figures


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--shoreline", required=True)
    arguments.add_argument("--xcvr-emu", help="checkout of the peer")
    given = arguments.parse_args()
    own = ours(given.shoreline)
    for name, figure in own.items():
        print(f"shoreline, {name:58} {figure:14,.3f}" if figure < 10 else f"shoreline, {name:58} {figure:10,.0f}")
    if not given.xcvr_emu:
        print("xcvr-emu was not measured: no --xcvr-emu")
        return
    other = peer(given.xcvr_emu)
    for name, figure in other.items():
        print(f"xcvr-emu, {name:59} {figure:10,.0f}")
    print(f"one at a time, socket over gRPC: {own['socket, one at a time'] / other['gRPC, one at a time']:.1f} times")
    print(f"pipelined socket over in process: {own['socket, pipelined'] / other['in process']:.1f} times")


main()
