"""Canonical XML of subtrees by libxml2: JSON in (see Subtree in libxml2.ts), JSON out. Needs nothing but libxml2.so."""

import ctypes
import ctypes.util
import json
import sys

lib = ctypes.CDLL(ctypes.util.find_library('xml2') or 'libxml2.so.2')
pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


class XPathObject(ctypes.Structure):
    _fields_ = [('type', number), ('nodes', pointer)]


read = declare('xmlReadMemory', pointer, text, number, text, text, number)
free_document = declare('xmlFreeDoc', None, pointer)
new_context = declare('xmlXPathNewContext', pointer, pointer)
free_context = declare('xmlXPathFreeContext', None, pointer)
evaluate = declare('xmlXPathEvalExpression', ctypes.POINTER(XPathObject), text, pointer)
free_object = declare('xmlXPathFreeObject', None, ctypes.POINTER(XPathObject))
canonicalize = declare(
    'xmlC14NDocDumpMemory', number, pointer, pointer, number, ctypes.POINTER(text), number, ctypes.POINTER(pointer)
)
QUIET = 32 | 64
INCLUSIVE, EXCLUSIVE = 0, 1


def subtree(case):
    source = case['xml'].encode()
    document = read(source, len(source), None, None, QUIET)
    if not document:
        return None
    context = new_context(document)
    apex = f"(//*)[{case['index'] + 1}]/descendant-or-self::"
    found = evaluate(f'{apex}node() | {apex}*/@* | {apex}*/namespace::*'.encode(), context)
    names = [prefix.encode() for prefix in case['prefixes']]
    prefixes = (text * (len(names) + 1))(*names, None)
    output = pointer()
    mode = EXCLUSIVE if case['exclusive'] else INCLUSIVE
    size = canonicalize(document, found.contents.nodes, mode, prefixes if names else None, 0, ctypes.byref(output))
    result = ctypes.string_at(output, size).decode() if size >= 0 else None
    free_object(found)
    free_context(context)
    free_document(document)
    return result


print(json.dumps([subtree(case) for case in json.load(sys.stdin)]))
