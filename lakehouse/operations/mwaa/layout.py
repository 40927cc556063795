"""Lay artifacts out as MWAA does on its containers, below a folder instead of /usr/local/airflow."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

HOME_ON_MWAA = "/usr/local/airflow"


@dataclass(frozen=True)
class Layout:
    """Folders as on a container of MWAA.

    Attributes:
        home: Airflow's home.
    """

    home: Path

    @property
    def dags(self) -> Path:
        """The DAG folder."""
        return self.home / "dags"

    @property
    def plugins(self) -> Path:
        """Where plugins.zip is unpacked; Airflow puts it on the path."""
        return self.home / "plugins"

    @property
    def site(self) -> Path:
        """What installing the wheel of requirements.txt puts on the path."""
        return self.home / "site"


def lay_out(build: Path, home: Path) -> Layout:
    """Copy the DAGs, unpack plugins.zip, install the wheels in it.

    Args:
        build: A folder that `make dist` built.
        home: An empty folder.
    """
    layout = Layout(home)
    shutil.copytree(build / "dags", layout.dags)
    with zipfile.ZipFile(build / "plugins.zip") as plugins:
        plugins.extractall(layout.plugins)
    layout.site.mkdir()
    for wheel in layout.plugins.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(layout.site)
    return layout
