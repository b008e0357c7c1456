"""The bare peer: a FastAPI application that returns the same bytes and throws away what comes.

No credential is looked at, no database asked, nothing checked or kept: what the server library
takes by itself. Started as a program with a port, a file to send and bytes to answer.
"""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse


def create_app(model: Path, answer: bytes) -> FastAPI:
    """Return an application whose every GET answers the same, but for the file at ``/model``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/healthz")
    def health() -> Response:
        return Response(answer, media_type="application/json")

    @app.get("/model")
    def send() -> FileResponse:
        return FileResponse(model)

    @app.put("/update")
    async def take(request: Request) -> Response:
        async for _ in request.stream():
            pass
        return Response(answer, media_type="application/json")

    return app


if __name__ == "__main__":
    port, model_path, answer_text = sys.argv[1:]
    uvicorn.run(
        create_app(Path(model_path), answer_text.encode()),
        port=int(port),
        log_config=None,
        access_log=False,
    )
