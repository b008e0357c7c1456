"""Templates to pages: rendered here, escaped always, and told to load nothing from elsewhere."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from coordinator.dashboard import drawing, words
from coordinator.errors import CoordinatorError, CredentialRefusedError

HOME_PATH: Final = "/dashboard"
LOGIN_PATH: Final = "/dashboard/login"

_HEADERS: Final = {
    # No script at all, and nothing from anywhere but this server.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_environment: Final = Environment(
    loader=PackageLoader("coordinator.dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "moment": words.moment,
    "exact_moment": words.exact_moment,
    "clock_time": words.clock_time,
    "span": words.span,
    "distance": words.distance,
    "share": words.share,
    "change": words.change,
    "actor": words.actor,
    "about": words.about,
}
_environment.globals |= {"width": drawing.WIDTH, "height": drawing.HEIGHT, "home": HOME_PATH}


def page(name: str, status: int = HTTPStatus.OK, **context: object) -> HTMLResponse:
    """Render a template.

    Args:
        name: Of the template, without its ending.
        status: HTTP status of the answer.
        context: What the template speaks of.
    """
    text = _environment.get_template(f"{name}.html").render(context)
    return HTMLResponse(text, status_code=status, headers=_HEADERS)


def download(text: str, media_type: str, file_name: str) -> Response:
    """Give a file to keep; ``file_name`` is a plain one of ours."""
    disposition = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(text, media_type=media_type, headers=_HEADERS | disposition)


def redirect(path: str) -> RedirectResponse:
    """Send the browser to another page of ours."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER, headers=_HEADERS)


class PageRoute(APIRoute):
    """A route for people: what is refused becomes a page, or the way to the login."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that FastAPI would call, with refusals made readable."""
        answer = super().get_route_handler()

        async def answer_with_a_page(request: Request) -> Response:
            try:
                return await answer(request)
            except CredentialRefusedError:
                wanted = request.url.path if request.method == "GET" else HOME_PATH
                return redirect(f"{LOGIN_PATH}?{urlencode({'wanted': wanted})}")
            except CoordinatorError as error:
                if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise  # the application logs it
                return page("refusal", error.http_status, sentence=str(error))
            except RequestValidationError:
                sentence = "There is no such page; begin again from the list of studies"
                return page("refusal", HTTPStatus.NOT_FOUND, sentence=sentence)

        return answer_with_a_page
