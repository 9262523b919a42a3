"""schema.py: a validator for the part of JSON Schema draft 7 that is used here.

SPDX-License-Identifier: MIT
Stricter than the standard in two ways: an unknown keyword is an error, so that nothing in the
schema goes unchecked, and so is a member that the schema does not name, so that nothing goes
undescribed."""

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
SILENT = {"$schema", "title", "description", "definitions"}


def has_type(value, name):
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def same(value, other):
    return type(value) is type(other) and value == other


class Mismatch(AssertionError):
    pass


def matches(value, schema, root, path):
    try:
        validate(value, schema, root, path)
    except Mismatch:
        return False
    return True


def require(condition, path, what):
    if not condition:
        raise Mismatch("%s: %s" % (path or "/", what))


def validate_object(value, schema, root, path):
    for name in schema.get("required", ()):
        require(name in value, path, "%s is missing" % name)
    properties = schema.get("properties")
    for name, member in value.items() if properties is not None else ():
        require(name in properties, path, "%s is unknown" % name)
        validate(member, properties[name], root, path + "/" + name)


def validate(value, schema, root, path=""):
    for keyword, wanted in schema.items():
        if keyword == "$ref":
            validate(value, root["definitions"][wanted.rsplit("/", 1)[1]], root, path)
        elif keyword == "type":
            names = wanted if isinstance(wanted, list) else [wanted]
            require(any(has_type(value, name) for name in names), path, "is no %s" % names)
        elif keyword == "enum":
            require(any(same(value, one) for one in wanted), path, "%r not in enum" % (value,))
        elif keyword == "const":
            require(same(value, wanted), path, "%r is not %r" % (value, wanted))
        elif keyword == "minimum":
            require(not has_type(value, "number") or value >= wanted, path, "is too small")
        elif keyword == "items":
            for k, item in enumerate(value if isinstance(value, list) else ()):
                validate(item, wanted, root, "%s/%d" % (path, k))
        elif keyword in ("anyOf", "oneOf", "allOf"):
            count = sum(matches(value, one, root, path) for one in wanted)
            require({"anyOf": count > 0, "oneOf": count == 1,
                     "allOf": count == len(wanted)}[keyword], path, "%s fails" % keyword)
        elif keyword in ("required", "properties"):
            pass  # validate_object
        elif keyword not in SILENT:
            raise ValueError("keyword %s is not known to the validator" % keyword)
    if isinstance(value, dict):
        validate_object(value, schema, root, path)


def check(value, schema):
    validate(value, schema, schema)
