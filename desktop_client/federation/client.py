"""The site's half of the protocol: requests to one coordinator, checked before they are used.

Only outgoing calls. Never loads torch.
"""

import hashlib
import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, ValidationError
from urllib3.util import Retry

from coordinator import protocol
from coordinator.errors import UploadBrokenError
from desktop_client.errors import (
    CertificateDiffersError,
    CoordinatorAddressError,
    CoordinatorAwayError,
    CoordinatorRefusedError,
)
from desktop_client.federation.download import Download
from desktop_client.federation.network import (
    ORDINARY_TRUST,
    Trust,
    is_other_certificate,
    mount,
    why_not_trusted,
)
from desktop_client.federation.transfer import Meter, MeteredBody

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0
RETRY_COUNT: Final = 3
"""Quick ones, against a dropped connection; a longer absence is waited for by the caller."""
JSON_LIMIT_BYTES: Final = 4_000_000
_NO_REST: Final = (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
"""Answers after which a body has to be asked for anew: another range than asked for, or none."""
CHUNK_BYTES: Final = 1 << 18
"""Read at a time; what comes of a piece before a cut is sent again."""
_PASSING_STATUSES: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
"""Refusals of the moment and the line, not of what was asked; asking later is right."""

_BUSY_STATUSES: Final = (
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Answers of a proxy, or of a coordinator with too many lines: there is one, but not at once."""

Reply = TypeVar("Reply", bound=BaseModel)


class _Bearer(requests.auth.AuthBase):
    """Sends the credential; being set, it also keeps a .netrc from replacing it."""

    def __init__(self, credential: str | None) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credential is not None:
            request.headers["Authorization"] = f"Bearer {self._credential}"
        return request


class CoordinatorClient:
    """Talks to one coordinator; not to be shared between threads.

    Args:
        coordinator_url: ``https://host[:port]``; plain ``http`` is accepted for this machine only.
        credential: The site's secret; None before enrolment.
        trust: Whose certificates are believed.
        place: Of a site that takes part, what tells its computer and project from a copy.

    Raises:
        CoordinatorAddressError: if the address is none, or would send the credential in clear.
    """

    def __init__(
        self,
        coordinator_url: str,
        credential: str | None = None,
        trust: Trust = ORDINARY_TRUST,
        place: str = "",
    ) -> None:
        self.coordinator_url = check_address(coordinator_url)
        self._session = requests.Session()
        self._arriving = Download()
        self.meter = Meter()
        # Every request may be repeated: the coordinator answers the same again. What is put is
        # repeated by whoever puts it: a body is gone on with, not sent anew.
        retry = Retry(
            total=RETRY_COUNT,
            backoff_factor=0.2,
            status_forcelist=_BUSY_STATUSES,
            allowed_methods=("GET", "POST"),
            raise_on_status=False,
            # Its sleep could be hours long, and nobody could cancel it.
            respect_retry_after_header=False,
        )
        mount(self._session, trust, retry)
        self._session.auth = _Bearer(credential)
        self._session.headers[protocol.PROTOCOL_HEADER] = str(protocol.PROTOCOL_VERSION)
        if place:
            self._session.headers[protocol.PLACE_HEADER] = place
        self._session.headers["User-Agent"] = f"SiteBlind/{version('siteblind')}"

    def __enter__(self) -> "CoordinatorClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def invited(self, request: protocol.InvitedRequest) -> protocol.InvitedReply:
        """Ask what a one-time code is for; it is as good afterwards."""
        return self._json("POST", protocol.INVITED_PATH, protocol.InvitedReply, request)

    def enrol(self, request: protocol.EnrolmentRequest) -> protocol.EnrolmentReply:
        """Exchange a one-time code for membership; may be repeated with the same credential."""
        return self._json("POST", protocol.ENROLMENTS_PATH, protocol.EnrolmentReply, request)

    def rotate_credential(
        self, study_id: str, request: protocol.CredentialRequest
    ) -> protocol.CredentialReply:
        """Name the credential that counts from now on; may be repeated under the new one."""
        path = protocol.credential_path(study_id)
        return self._json("PUT", path, protocol.CredentialReply, request)

    def leave(self, study_id: str) -> protocol.LeavingReply:
        """End this site's membership; what it sent is then removed at the coordinator."""
        return self._json("DELETE", protocol.membership_path(study_id), protocol.LeavingReply)

    def study(self, study_id: str) -> protocol.StudyReply:
        """Return what the study is."""
        return self._json("GET", protocol.study_path(study_id), protocol.StudyReply)

    def round(self, study_id: str) -> protocol.RoundReply:
        """Ask what to do now."""
        return self._json("GET", protocol.round_path(study_id), protocol.RoundReply)

    def register_domains(
        self, study_id: str, request: protocol.DomainsRequest
    ) -> protocol.DomainsReply:
        """Return the index of each domain in the study, assigned now or earlier."""
        return self._json("POST", protocol.domains_path(study_id), protocol.DomainsReply, request)

    def report_result(
        self, study_id: str, measured: protocol.ResultMetrics
    ) -> protocol.ResultMetrics:
        """Say how the result of a study that is over does here; what is said first counts."""
        path = protocol.metrics_path(study_id)
        return self._json("PUT", path, protocol.ResultMetrics, measured)

    def download_parameters(self, study_id: str, round_number: int, limit_bytes: int) -> bytes:
        """Return the safetensors body of the global parameters after a round.

        A body that is cut is gone on with, also when it is asked for again after an absence.

        Args:
            study_id: The study.
            round_number: 0 for the initial parameters.
            limit_bytes: More than this is refused without being kept.
        """
        return self._download(protocol.parameters_path(study_id, round_number), limit_bytes)

    def download_difference(self, study_id: str, round_number: int, limit_bytes: int) -> bytes:
        """Return the body of what a round changed, as ``download_parameters`` does."""
        return self._download(protocol.difference_path(study_id, round_number), limit_bytes)

    def _download(self, path: str, limit_bytes: int) -> bytes:
        if self._arriving.path != path:
            self._arriving = Download(path)
        while True:
            received_bytes = self._arriving.size
            try:
                self._go_on_receiving(self._arriving, limit_bytes)
            except CoordinatorAwayError:
                if self._arriving.size <= received_bytes:
                    raise
            else:
                body, self._arriving = self._arriving.body, Download()
                return body

    def propose_parameters(self, study_id: str, body: bytes) -> protocol.ParametersReference:
        """Propose initial parameters for the study."""
        path = protocol.proposal_path(study_id)
        return self._upload(path, body, protocol.ParametersReference)

    def upload_update(self, study_id: str, round_number: int, body: bytes) -> protocol.UpdateReply:
        """Send an update; when this returns, it is durable at the coordinator."""
        path = protocol.update_path(study_id, round_number)
        return self._upload(path, body, protocol.UpdateReply)

    def _upload(self, path: str, body: bytes, reply_type: type[Reply]) -> Reply:
        """Ask from where on the coordinator wants the body, and send that.

        After a cut the same is done again, as long as more has come through in between.
        """
        headers = {
            protocol.DIGEST_HEADER: hashlib.sha256(body).hexdigest(),
            protocol.LENGTH_HEADER: str(len(body)),
            "Content-Type": protocol.PARAMETERS_MEDIA_TYPE,
        }
        offset, cut = -1, CoordinatorAwayError()
        while True:
            asked = _parse(self._request("GET", path, headers=headers), protocol.UploadReply)
            if asked.received_bytes <= offset:
                raise cut
            offset = asked.received_bytes
            rest = {**headers, protocol.OFFSET_HEADER: str(offset)}
            try:
                self.meter.begin("up", offset, len(body))
                left = MeteredBody(body[offset:], self.meter) if offset < len(body) else b""
                return _parse(self._request("PUT", path, left, rest), reply_type)
            except CoordinatorAwayError as error:
                cut = error
            except CoordinatorRefusedError as error:
                if error.code != UploadBrokenError.code:
                    raise
                cut = CoordinatorAwayError(f"The upload has to begin again: {error}")

    def _go_on_receiving(self, download: Download, limit_bytes: int) -> None:
        with self._answering("GET", download.path, None, download.headers) as response:
            if not download.is_gone_on_with_by(response):
                if response.status_code in _NO_REST:
                    self._arriving = Download()
                content = self._read(response, JSON_LIMIT_BYTES)
                raise self._refusal(response.status_code, content)
            left_bytes = int(response.headers.get("Content-Length") or 0)
            self.meter.begin("down", download.size, download.size + left_bytes)
            for part in response.iter_content(CHUNK_BYTES):
                download.take(part)
                self.meter.done_bytes = download.size
                if download.size > limit_bytes:
                    self._arriving = Download()
                    raise self._endless(limit_bytes)

    def _json(
        self, method: str, path: str, reply_type: type[Reply], request: BaseModel | None = None
    ) -> Reply:
        if request is None:
            return _parse(self._request(method, path), reply_type)
        body = request.model_dump_json().encode()
        headers = {"Content-Type": "application/json"}
        return _parse(self._request(method, path, body, headers), reply_type)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | MeteredBody | None = None,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = JSON_LIMIT_BYTES,
    ) -> bytes:
        with self._answering(method, path, body, headers) as response:
            content = self._read(response, limit_bytes)
        if response.status_code in (HTTPStatus.OK, HTTPStatus.CREATED):
            return content
        raise self._refusal(response.status_code, content)

    @contextmanager
    def _answering(
        self,
        method: str,
        path: str,
        body: bytes | MeteredBody | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[requests.Response]:
        """Send a request, and give the answer to whoever reads it in the block."""
        try:
            with self._session.request(
                method,
                self.coordinator_url + path,
                data=body,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                stream=True,
                allow_redirects=False,
            ) as response:
                yield response
        except requests.RequestException as error:
            if is_other_certificate(error):
                raise CertificateDiffersError(
                    f"{self.coordinator_url} shows another certificate than the invitation names. "
                    "Either it was renewed since, or something in between reads what is sent, as "
                    "some hospitals' networks do. Nothing was sent; ask your IT department, or the "
                    "study's owner for a new invitation"
                ) from error
            raise CoordinatorAwayError(self._absence(error)) from error

    def _read(self, response: requests.Response, limit_bytes: int) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > limit_bytes:
                raise self._endless(limit_bytes)
        return b"".join(parts)

    def _endless(self, limit_bytes: int) -> CoordinatorAwayError:
        return CoordinatorAwayError(
            f"{self.coordinator_url} sent more than the {limit_bytes} bytes that the "
            "answer can have; is this address a SiteBlind coordinator?"
        )

    def _refusal(self, status: int, content: bytes) -> Exception:
        try:
            reply = protocol.ErrorReply.model_validate_json(content)
        except ValidationError:
            if status in _BUSY_STATUSES:
                return CoordinatorAwayError(
                    f"The coordinator at {self.coordinator_url} is busy or being restarted "
                    f"(HTTP status {status})"
                )
            return CoordinatorAwayError(
                f"{self.coordinator_url} answered with HTTP status {status}, not as a SiteBlind "
                "coordinator; check the address"
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return CoordinatorAwayError(f"The coordinator is in trouble: {reply.message}")
        if status in _PASSING_STATUSES:
            return CoordinatorAwayError(f"The coordinator wants a pause: {reply.message}")
        return CoordinatorRefusedError(reply.code, reply.message)

    def _absence(self, error: requests.RequestException) -> str:
        reasons = {
            requests.exceptions.SSLError: f"its certificate {why_not_trusted(error)}",
            requests.exceptions.ProxyError: "the proxy server refused or did not answer",
            requests.exceptions.ConnectTimeout: "it did not answer in time",
            requests.exceptions.ReadTimeout: "it stopped answering",
        }
        reason = next(
            (text for kind, text in reasons.items() if isinstance(error, kind)),
            "no connection could be made",
        )
        return f"The coordinator at {self.coordinator_url} cannot be reached: {reason}"


def check_address(coordinator_url: str) -> str:
    """Return the address without a trailing slash, if a credential may be sent to it.

    Raises:
        CoordinatorAddressError: naming what is wrong with it.
    """
    address = coordinator_url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except UnicodeError as error:
        raise CoordinatorAddressError(
            f"“{address}” is not an address: a part of the name is empty or longer than 63 letters"
        ) from error
    except ValueError as error:
        raise CoordinatorAddressError(f"“{address}” is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise CoordinatorAddressError(
            f"“{address}” is not an address; it should look like https://coordinator.example.org"
        )
    if parts.path or parts.query or parts.fragment or parts.username:
        raise CoordinatorAddressError(
            f"“{address}” has more than host and port; it should look like "
            "https://coordinator.example.org:8470"
        )
    if parts.scheme == "http" and not _is_this_machine(host):
        raise CoordinatorAddressError(
            f"{address} would send this site's credential unencrypted; use https://"
        )
    return address


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parse(content: bytes, reply_type: type[Reply]) -> Reply:
    try:
        return reply_type.model_validate_json(content)
    except ValidationError as error:
        raise CoordinatorAwayError(
            f"The coordinator's answer is no valid {reply_type.__name__}; is this address a "
            "SiteBlind coordinator, and of a version this program knows?"
        ) from error
