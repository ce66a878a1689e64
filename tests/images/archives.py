#!/usr/bin/env python3
"""Writes the images of build.py as archives that a container engine loads, for a cluster's nodes.

`python3 -m tests.images.archives FOLDER nginx redis` writes `FOLDER/nginx.tar` and so on, as `docker save` would. No
container engine is needed for it; what build.py has in its cache is taken from there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from tests.images import build


def main(arguments: Sequence[str] | None = None) -> int:
    known = {image.name: image for image in build.IMAGES}
    parser = argparse.ArgumentParser(description="Write the images that cluster tests use.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("images", nargs="+", choices=known, metavar="NAME")
    options = parser.parse_args(arguments)
    try:
        write([known[name] for name in options.images], options.folder)
    except build.BuildError as error:
        print(f"test images: {error}", file=sys.stderr)
        return 2
    return 0


def write(images: Sequence[build.Image], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with build.locked_cache():
        missing = [image for image in images if not build.archive(image).exists()]
        build.provide_base(missing)
        for image in missing:
            if image is not build.DEBIAN:
                build.bootstrap(image)
        for image in images:
            bundle(image, folder / f"{image.name}.tar")


def bundle(image: build.Image, target: Path) -> None:
    """One layer, under all of the image's tags."""
    config = json.dumps(build.image_config(image)).encode()
    manifest = [{"Config": "config.json", "RepoTags": [*image.tags], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as content:
        content.add(build.archive(image), arcname="layer.tar")
        build.add_file(content, "config.json", config)
        build.add_file(content, "manifest.json", json.dumps(manifest).encode())
    print(target, flush=True)


if __name__ == "__main__":
    sys.exit(main())
