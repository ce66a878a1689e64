"""The least that answers like ALMA: bare FastAPI, synchronous SQLAlchemy, the same rows, the same JSON.

No checks, no projects, no request ids, no error bodies, no consistent view over two statements. A server that does what
ALMA promises can come near this, not beyond it. Started by `benchmarks/api.py`, which names the database in
`BENCH_DATABASE`.
"""

from __future__ import annotations

import os
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sqlalchemy import JSON, RowMapping, create_engine, func, select, type_coerce

from alma.db.tables import blueprint, revision

_LATEST = (
    select(
        blueprint.c.id,
        revision.c.number,
        # As SQLAlchemy decodes JSON, not as ALMA's own column type does.
        type_coerce(revision.c.blueprint, JSON).label("document"),
        revision.c.origins,
        revision.c.digest,
        revision.c.created_at,
        revision.c.created_by,
    )
    .join(revision, (revision.c.id == blueprint.c.id) & (revision.c.number == blueprint.c.latest))
    .where(blueprint.c.project == "default", blueprint.c.deleted_at.is_(None))
)


def create_app() -> FastAPI:
    """The application, on the database that ALMA's server has filled."""
    engine = create_engine(
        f"sqlite:///{os.environ['BENCH_DATABASE']}", pool_size=20, max_overflow=80
    )
    app = FastAPI()

    @app.get("/api/v1/blueprints/{blueprint_id}")
    def one(blueprint_id: int) -> Any:
        with engine.connect() as connection:
            row = (
                connection.execute(_LATEST.where(blueprint.c.id == blueprint_id))
                .mappings()
                .one_or_none()
            )
        if row is None:
            raise HTTPException(404)
        return JSONResponse(_body(row), headers={"ETag": f'"{row["number"]}"', "Vary": "Accept"})

    @app.get("/api/v1/blueprints")
    def page(skip: int = 0, limit: int = 100) -> Any:
        with engine.connect() as connection:
            rows = (
                connection.execute(
                    _LATEST.order_by(blueprint.c.id.desc()).offset(skip).limit(limit)
                )
                .mappings()
                .all()
            )
            total = connection.execute(
                select(func.count())
                .select_from(blueprint)
                .where(blueprint.c.project == "default", blueprint.c.deleted_at.is_(None))
            ).scalar_one()
        items = [_body(row) for row in rows]
        body = {"items": items, "total": total, "skip": skip, "limit": limit}
        return JSONResponse({**body, "next_cursor": None})

    return app


def _body(row: RowMapping) -> dict[str, Any]:
    here = f"/api/v1/blueprints/{row['id']}"
    return {
        "id": row["id"],
        "revision": row["number"],
        "version": "1.0",
        **row["document"],
        "digest": row["digest"],
        "created_at": row["created_at"].isoformat(),
        "created_by": row["created_by"],
        "origins": row["origins"],
        "warnings": [],
        "links": {
            "self": here,
            "revisions": f"{here}/revisions",
            "plan": f"{here}/plan",
            "deploy": f"{here}/deploy",
        },
    }
