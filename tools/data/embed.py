# embed.py: writes a file as a C array.  Usage: embed.py INPUT OUTPUT NAME
# SPDX-License-Identifier: MIT
import sys


def main():
    source, target, name = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    numbers = [str(byte) for byte in data + b"\0"]
    rows = [", ".join(numbers[k:k + 20]) for k in range(0, len(numbers), 20)]
    with open(target, "w", encoding="ascii", newline="\n") as file:
        file.write('#include "bundled.h"\n\n')
        file.write("const unsigned char %s[] = {\n    %s\n};\n" % (name, ",\n    ".join(rows)))
        file.write("const size_t %s_size = sizeof %s - 1;\n" % (name, name))


main()
