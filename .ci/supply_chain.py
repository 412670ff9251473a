"""What the site is made of: known holes in its packages (exit 1 if there is one), and a CycloneDX bill of materials.

`python .ci/supply_chain.py [sbom.json]`. Says plainly how many packages the advisory database could not answer for.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements.txt"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")


def main() -> int:
    """Audit, and write the bill of materials where one is asked for."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(bill_of_materials(), encoding="utf-8")
    return audit()


def audit() -> int:
    """1 if a pinned package has a known hole. Asks the advisory database over the network."""
    command = [
        sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "-f", "json", "-r", str(REQUIREMENTS),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        print(f"NOT AUDITED: pip-audit did not answer\n{result.stderr[-2000:]}")
        return 0
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    holes = [(package["name"], hole["id"]) for package in packages for hole in package.get("vulns", [])]
    print(f"{len(packages) - len(skipped)} packages audited, {len(holes)} known hole(s)")
    if skipped:
        print(f"NOT AUDITED: the advisory database does not answer for {len(skipped)} packages from here")
    for name, hole in holes:
        print(f"  {name}: {hole}")
    return 1 if holes else 0


def bill_of_materials() -> str:
    """Every pinned package with version and hashes, as CycloneDX 1.5 JSON."""
    bom, component = Bom(), None
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            name, version = match.groups()
            url = PackageURL("pypi", name=name.lower(), version=version)
            component = Component(type=ComponentType.LIBRARY, name=name, version=version, purl=url, bom_ref=str(url))
            bom.components.add(component)
        elif component is not None and (digest := re.search(r"--hash=sha256:([0-9a-f]{64})", line)):
            component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=digest[1]))
    return JsonV1Dot5(bom).output_as_string(indent=2)


if __name__ == "__main__":
    sys.exit(main())
