"""Connections that never come about, or break: named by their cause, with the next step."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from traceback import TracebackException

import httpx
import pytest

from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.api.errors import ApiError, ConnectionFailed, InvalidConnection
from batchtui.api.models import MessageBatch
from tests.api.scripted import (
    KEY,
    Reply,
    StillClock,
    batch_json,
    calling,
    connection_to,
    json_reply,
    reply,
    scene,
    serving,
)

FOUND = json_reply(batch_json("x"))
REFUSED = ConnectionRefusedError()
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")


async def failure_at(connection: Connection) -> ConnectionFailed:
    async with calling(connection) as bench:
        with pytest.raises(ConnectionFailed) as caught:
            await bench.client.retrieve("x")
    assert (caught.value.method, caught.value.status) == ("GET", None)
    assert bench.calls[-1].error == caught.value.message
    return caught.value


class FailingTransport(httpx.AsyncBaseTransport):
    """Raises what httpx would, for causes that no test may bring about for real."""

    def __init__(self, error: httpx.HTTPError, cause: BaseException) -> None:
        error.__cause__ = cause
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        (httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known"), "dns"),
        (httpx.ConnectError("x"), REFUSED, "refused"),
        (httpx.ConnectError("x"), ExceptionGroup("", [OSError(), REFUSED]), "refused"),
        (httpx.ConnectError("x"), OSError("Network is unreachable"), "other"),
        (httpx.ConnectTimeout("x"), TimeoutError(), "timeout"),
        (httpx.PoolTimeout("x"), TimeoutError(), "timeout"),
        (httpx.ProxyError("407 Proxy Authentication Required"), OSError(), "proxy"),
        (httpx.ReadError(""), ConnectionResetError(), "protocol"),
        (httpx.RemoteProtocolError("GOAWAY"), OSError(), "protocol"),
        (httpx.ConnectError(""), ssl.SSLError(1, "bad record mac"), "tls"),
        (httpx.ConnectError(""), ssl.SSLCertVerificationError("no"), "tls"),
        (httpx.ReadError(""), ssl.SSLError(1, "bad record mac"), "protocol"),
        (httpx.DecodingError("x"), OSError(), "protocol"),
    ],
)  # fmt: skip
async def test_causes(error: httpx.HTTPError, cause: BaseException, expected: str) -> None:
    client = BatchesClient(
        Connection("http://api.invalid"),
        transport=FailingTransport(error, cause),
        clock=StillClock(),
        random=lambda: 0.0,
    )
    with pytest.raises(ConnectionFailed) as caught:
        await client.retrieve("x")
    assert caught.value.cause == expected
    assert "api.invalid" in caught.value.message
    assert caught.value.hint
    assert not caught.value.is_permanent


async def test_a_closed_port() -> None:
    async with serving(FOUND) as gone:
        pass
    error = await failure_at(connection_to(gone.url))
    assert error.cause == "refused"
    assert str(gone.port) in error.message


async def test_a_server_that_never_answers() -> None:
    async with serving(Reply(b"", "stall")) as server:
        error = await failure_at(replace(connection_to(server.url), read_timeout=0.05))
    assert error.cause == "timeout"
    assert server.connections == 3


async def test_what_does_not_speak_http() -> None:
    async with serving(Reply(b"SSH-2.0-OpenSSH_9.6\r\n", "cut")) as server:
        error = await failure_at(connection_to(server.url))
    assert error.cause == "protocol"


async def test_what_does_not_speak_tls() -> None:
    def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Plain HTTP\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await failure_at(connection_to(f"https://127.0.0.1:{port}"))
    assert error.cause == "tls"
    assert "http://" in error.hint


@pytest.fixture
async def secure_url() -> AsyncIterator[str]:
    """A server whose certificate nobody knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(SELF_SIGNED)
    async with serving(FOUND, tls=context) as server:
        yield server.url


async def test_a_certificate_nobody_knows(secure_url: str) -> None:
    error = await failure_at(connection_to(secure_url))
    assert error.cause == "tls"
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert "SSL_CERT_FILE" in error.hint


async def test_ssl_cert_file_is_trusted(secure_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    async with calling(secure_url) as bench:
        assert (await bench.client.retrieve("x")).id == "x"


async def test_an_ssl_cert_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull + "/nothing")
    async with calling("https://127.0.0.1:9") as bench:
        with pytest.raises(ConnectionFailed, match="SSL_CERT_FILE") as caught:
            await bench.client.retrieve("x")
    assert caught.value.cause == "tls"


async def test_a_foreign_link_is_verified_although_the_base_is_plain(
    secure_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = MessageBatch(id="x", processing_status="ended", results_url=f"{secure_url}/r")
    async with scene(reply(404)) as (_server, bench):
        with pytest.raises(ConnectionFailed) as caught:
            await read_all(bench.client, batch)
        assert caught.value.cause == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    async with scene(reply(404)) as (_server, bench):
        await read_all(bench.client, batch)


async def test_plain_http_needs_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("certificates were read")

    monkeypatch.setattr("truststore.SSLContext", refuse)
    async with scene(FOUND) as (_server, bench):
        await bench.client.retrieve("x")


async def test_a_proxy_is_used_where_the_environment_names_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(FOUND) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with calling("http://api.invalid/p") as bench:
            await bench.client.retrieve("x")
    assert proxy.targets == ["GET http://api.invalid/p/v1/messages/batches/x?beta=true"]


async def test_no_proxy_is_honored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(FOUND) as server, serving(reply(500)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        async with calling(server.url) as bench:
            await bench.client.retrieve("x")
    assert proxy.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_a_password(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = reply(407, b"<html>", [("proxy-authenticate", "Basic")])
    async with serving(refusal) as proxy:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url.replace("//", "//me:pass@"))
        async with calling(f"{scheme}://api.invalid") as bench:
            with pytest.raises(ConnectionFailed) as caught:
                await bench.client.create(b"{}")
    assert caught.value.cause == "proxy"
    assert "pass@" not in f"{caught.value.message} {bench.calls}".replace("password@", "")
    assert len(proxy.heard) == 1
    if scheme == "https":
        assert KEY.encode() not in proxy.heard[0].raw_head


async def test_a_dead_proxy_is_suspected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(FOUND) as gone:
        pass
    monkeypatch.setenv("HTTP_PROXY", gone.url)
    error = await failure_at(connection_to("http://api.invalid"))
    assert error.cause == "refused"
    assert error.message.startswith(f"The proxy 127.0.0.1:{gone.port} refused")
    assert "proxy" in error.hint


async def test_a_proxy_that_refuses_a_tunnel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(reply(403, b"<html>")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:pass@"))
        error = await failure_at(connection_to("https://api.invalid"))
    assert error.cause == "proxy"
    assert f"The proxy 127.0.0.1:{proxy.port} on the way to api.invalid" in error.message


async def test_a_proxy_that_does_not_count_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with serving(FOUND) as gone:
        pass
    error = await failure_at(connection_to(gone.url))
    assert "roxy" not in error.message + error.hint


async def test_socks_without_its_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1080/")
    async with calling("http://api.invalid") as bench:
        with pytest.raises(InvalidConnection, match="begins with socks://") as caught:
            await bench.client.retrieve("x")
    assert "socks5://" in caught.value.hint


@pytest.mark.parametrize(
    ("reason", "said", "hint"),
    [
        ("certificate has expired", "has expired", "clock"),
        ("certificate is not yet valid", "not valid yet", "clock"),
        ("Hostname mismatch, certificate is not valid for 'x'", "another host", "base URL"),
        ("self-signed certificate", "CERTIFICATE_VERIFY_FAILED", "SSL_CERT_FILE"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said(reason: str, said: str, hint: str) -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = reason
    client = BatchesClient(
        Connection("https://api.invalid"),
        transport=FailingTransport(httpx.ConnectError(""), cause),
        clock=StillClock(),
    )
    with pytest.raises(ConnectionFailed, match=said) as caught:
        await client.retrieve("x")
    assert hint in caught.value.hint


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://[::1"])
async def test_a_proxy_that_cannot_be_used_says_so(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    async with calling("http://api.invalid") as bench:
        with pytest.raises(InvalidConnection) as caught:
            await bench.client.retrieve("x")
    assert "PROXY" in caught.value.hint
    assert caught.value.is_permanent


class LeakyTransport(httpx.AsyncBaseTransport):
    """Fails while a variable of its own holds the headers, as h11's does in a failed write."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        headers = list(request.headers.raw)
        raise httpx.WriteTimeout(f"with {len(headers)} headers")


@pytest.mark.parametrize("transport", [LeakyTransport(), None])
async def test_no_frame_of_a_failure_holds_the_key(
    transport: httpx.AsyncBaseTransport | None,
) -> None:
    """A crash report may show local variables, as Textual's does."""
    async with serving(Reply(b"", "cut")) as server:
        clock = StillClock()
        async with BatchesClient(
            connection_to(server.url), transport=transport, clock=clock
        ) as client:
            for call in (client.retrieve("x"), client.create(b"{}")):
                with pytest.raises(ApiError) as caught:
                    await call
                report = TracebackException.from_exception(caught.value, capture_locals=True)
                assert KEY not in "".join(report.format())


class SilentTransport(httpx.AsyncBaseTransport):
    """Answers, and then nothing: a transport without a clock of its own."""

    def __init__(self, *, has_head: bool) -> None:
        self.has_head = has_head

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.has_head:
            await never()
        return httpx.Response(200, stream=Silence())


class Silence(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"
        await never()


async def never() -> None:
    await asyncio.Event().wait()


async def read_all(client: BatchesClient, batch: MessageBatch) -> None:
    async with client.results(batch) as stream:
        async for _ in stream.chunks():
            pass


@pytest.mark.parametrize("has_head", [False, True])
async def test_a_transport_that_falls_silent_is_given_up(has_head: bool) -> None:
    client = BatchesClient(
        Connection("http://h", Credential("api_key", KEY), read_timeout=0.02),
        transport=SilentTransport(has_head=has_head),
        clock=StillClock(),
    )
    batch = MessageBatch(id="x", processing_status="ended", results_url="/r")
    with pytest.raises(ConnectionFailed) as caught:
        await read_all(client, batch)
    assert caught.value.cause == ("stalled" if has_head else "timeout")
    with pytest.raises(ApiError):
        await client.retrieve("x")
