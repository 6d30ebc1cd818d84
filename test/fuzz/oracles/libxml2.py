"""Reads documents with libxml2, one JSON line in, one out, in order. Needs nothing but libxml2.so.

In: {"xml": base64, "part": null | {"index", "exclusive", "prefixes"}}.
Out: {"error": null | text, "whole": canonical form, "part": canonical form of one element and what it holds}.
"""

import base64
import ctypes
import ctypes.util
import json
import sys

lib = ctypes.CDLL(ctypes.util.find_library('xml2') or 'libxml2.so.2')
pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int


class XPathObject(ctypes.Structure):
    _fields_ = [('type', number), ('nodes', pointer)]


class XmlError(ctypes.Structure):
    _fields_ = [('domain', number), ('code', number), ('message', text), ('level', number)]


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


report = ctypes.CFUNCTYPE(None, pointer, ctypes.POINTER(XmlError))
set_error_handler = declare('xmlSetStructuredErrorFunc', None, pointer, report)
read = declare('xmlReadMemory', pointer, text, number, text, text, number)
free_document = declare('xmlFreeDoc', None, pointer)
new_context = declare('xmlXPathNewContext', pointer, pointer)
free_context = declare('xmlXPathFreeContext', None, pointer)
evaluate = declare('xmlXPathEvalExpression', ctypes.POINTER(XPathObject), text, pointer)
free_object = declare('xmlXPathFreeObject', None, ctypes.POINTER(XPathObject))
free = ctypes.CFUNCTYPE(None, pointer).in_dll(lib, 'xmlFree')
canonicalize = declare(
    'xmlC14NDocDumpMemory', number, pointer, pointer, number, ctypes.POINTER(text), number, ctypes.POINTER(pointer)
)
# Without the first, references stay references in namespace names.
EXPAND_REFERENCES, NO_NETWORK = 2, 2048
ERROR = 2
INCLUSIVE, EXCLUSIVE = 0, 1

# A document with a namespace error is delivered all the same: the errors must be listened to.
errors = []


@report
def remember(_, error):
    if error.contents.level >= ERROR:
        errors.append((error.contents.message or b'').decode(errors='replace').strip())


def canonical(document, nodes, mode, prefixes):
    output = pointer()
    names = [prefix.encode() for prefix in prefixes]
    listed = (text * (len(names) + 1))(*names, None) if names else None
    size = canonicalize(document, nodes, mode, listed, 0, ctypes.byref(output))
    if size < 0:
        return None
    result = ctypes.string_at(output, size).decode()
    free(output)
    return result


def canonical_part(document, part):
    context = new_context(document)
    apex = f"(//*)[{part['index'] + 1}]/descendant-or-self::"
    found = evaluate(f'{apex}node() | {apex}*/@* | {apex}*/namespace::*'.encode(), context)
    mode = EXCLUSIVE if part['exclusive'] else INCLUSIVE
    result = canonical(document, found.contents.nodes, mode, part['prefixes'])
    free_object(found)
    free_context(context)
    return result


def answer(case):
    errors.clear()
    source = base64.b64decode(case['xml'])
    document = read(source, len(source), None, None, EXPAND_REFERENCES | NO_NETWORK)
    whole = part = None
    if document:
        if not errors:
            whole = canonical(document, None, INCLUSIVE, [])
            part = canonical_part(document, case['part']) if case['part'] else None
        free_document(document)
    elif not errors:
        errors.append('no document')
    return {'error': errors[0] if errors else None, 'whole': whole, 'part': part}


set_error_handler(None, remember)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
