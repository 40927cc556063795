#!/usr/bin/env bash
# Stand in for the base images on a machine that reaches no registry of images: Debian's own packages under the same
# tags. Not what the real images are, byte for byte: a Debian of debootstrap, the Pythons of this machine in
# /usr/local, Debian's PostgreSQL behind a small entrypoint. A machine with a registry needs none of this.
#
#     sudo docker/stand_in.sh        # needs debootstrap, docker, and Python 3.12 and 3.13 (PYTHON312, PYTHON313)
set -euo pipefail
cd "$(dirname "$0")/.."
work="${LAKEHOUSE_STAND_IN_DIR:-build/stand_in}"
mkdir -p "$work"

tag_of() { sed -n "s/^ARG $1=//p" docker/Dockerfile; }

tree() { # a fresh Debian in folder $1, with the certificates that this machine trusts
  if [[ ! -d "$work/bookworm" ]]; then
    debootstrap --variant=minbase \
      --include=ca-certificates,libbz2-1.0,libffi8,liblzma5,libncursesw6,libreadline8,libsqlite3-0,libssl3,zlib1g \
      bookworm "$work/bookworm.partial"
    rm -rf "$work"/bookworm.partial/var/cache/apt/archives/*.deb
    mv "$work/bookworm.partial" "$work/bookworm"
  fi
  rm -rf "$1"
  cp -a "$work/bookworm" "$1"
  certificates "$1"
}

certificates() { # this machine's own authorities, where a later update-ca-certificates finds them
  python3 - "$1" << 'PYTHON'
import re, sys
from pathlib import Path

of_debian, own = (
    set(re.findall(r"-----BEGIN.*?END CERTIFICATE-----", Path(path).read_text(), re.DOTALL))
    for path in (f"{sys.argv[1]}/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt")
)
for number, certificate in enumerate(sorted(own - of_debian)):
    Path(sys.argv[1], f"usr/local/share/ca-certificates/own-{number}.crt").write_text(certificate + "\n")
PYTHON
  chroot "$1" update-ca-certificates > /dev/null
}

stand_in() { # the tree $1 under the tag $2; what follows are options of `docker import`
  local from="$1" tag="$2"
  shift 2
  tar --create --directory "$from" . | docker import "$@" - "$tag"
  rm -rf "$from"
  echo "$tag is stood in for"
}

python() { # version $1 under tag $2, of this machine
  local variable="PYTHON${1/./}" found
  found="${!variable:-$(ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/"python$1" 2> /dev/null | tail -1)}"
  found="${found:-$(command -v "python$1")}"
  tree "$work/python"
  cp -a "$("$found" -c 'import sys; print(sys.base_prefix)')/." "$work/python/usr/local/"
  rm -rf "$work/python/usr/local/lib/python$1/test" "$work"/python/usr/local/lib/lib*.a
  chroot "$work/python" ldconfig
  stand_in "$work/python" "$2" --change 'CMD ["python3"]' \
    --change 'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt'
}

postgres() { # under tag $1
  tree "$work/postgres"
  cp /etc/resolv.conf "$work/postgres/etc/resolv.conf"
  chroot "$work/postgres" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes -qq --no-install-recommends postgresql-15 > /dev/null && apt-get clean \
    && ln -s /usr/lib/postgresql/15/bin/* /usr/local/bin/ \
    && install -d -o postgres -g postgres /var/lib/postgresql/data /var/run/postgresql'
  install -m 755 docker/stand_in_postgres.sh "$work/postgres/usr/local/bin/docker-entrypoint.sh"
  stand_in "$work/postgres" "$1" --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["postgres"]' \
    --change 'ENV PGDATA=/var/lib/postgresql/data'
}

python 3.12 "$(tag_of PYTHON_OF_AIRFLOW)"
python 3.13 "$(tag_of PYTHON_OF_GLUE)"
postgres "$(sed -n 's/^ *image: \(postgres:.*\)/\1/p' docker-compose.yaml)"
