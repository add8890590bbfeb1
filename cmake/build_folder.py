#!/usr/bin/env python3
"""Prints the build folder of a preset, as CMakePresets.json has it: build_folder.py PRESET"""

import json
import pathlib
import sys

name = sys.argv[1]
root = pathlib.Path(__file__).resolve().parent.parent
presets = {
    preset["name"]: preset for preset in json.loads((root / "CMakePresets.json").read_text())["configurePresets"]
}
if name not in presets:
    sys.exit(f"no preset is called '{name}'; CMakePresets.json has {', '.join(presets)}")
preset = presets[name]
while "binaryDir" not in preset:
    preset = presets[preset["inherits"]]
print(preset["binaryDir"].replace("${sourceDir}/", "").replace("${presetName}", name))
