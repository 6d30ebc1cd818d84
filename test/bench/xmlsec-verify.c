/*
 * Parses and verifies signed messages in a loop, as libxmlsec1 does it. Prints the messages per second of CPU time.
 * Arguments: certificate (PEM), CPU milliseconds, files.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlmemory.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static char *read_file(const char *path, int *length) {
  FILE *file = fopen(path, "rb");
  char *bytes;
  if (file == NULL) exit(2);
  fseek(file, 0, SEEK_END);
  *length = (int)ftell(file);
  rewind(file);
  bytes = malloc(*length);
  if (bytes == NULL || fread(bytes, 1, *length, file) != (size_t)*length) exit(2);
  fclose(file);
  return bytes;
}

static void register_ids(xmlDocPtr doc, xmlNodePtr node) {
  for (; node != NULL; node = node->next) {
    xmlAttrPtr attribute = node->type == XML_ELEMENT_NODE ? xmlHasProp(node, BAD_CAST "ID") : NULL;
    if (attribute != NULL) {
      xmlChar *id = xmlNodeListGetString(doc, attribute->children, 1);
      xmlAddID(NULL, doc, id, attribute);
      xmlFree(id);
    }
    register_ids(doc, node->children);
  }
}

/* 1: a pinned key signed it. */
static int verify(xmlSecKeyPtr key, const char *bytes, int length) {
  xmlDocPtr doc = xmlReadMemory(bytes, length, NULL, NULL, XML_PARSE_NONET);
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  xmlNodePtr signature;
  int valid;
  if (doc == NULL || context == NULL) exit(2);
  register_ids(doc, xmlDocGetRootElement(doc));
  signature = xmlSecFindNode(xmlDocGetRootElement(doc), xmlSecNodeSignature, xmlSecDSigNs);
  context->signKey = xmlSecKeyDuplicate(key);
  valid = xmlSecDSigCtxVerify(context, signature) == 0 && context->status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxDestroy(context);
  xmlFreeDoc(doc);
  return valid;
}

int main(int argc, char **argv) {
  const int messages = argc - 3;
  char **bytes = calloc(argc, sizeof *bytes);
  int *lengths = calloc(argc, sizeof *lengths);
  xmlSecKeyPtr key;
  double budget, begin, spent = 0;
  long calls = 0;
  int i;
  if (argc < 4 || bytes == NULL || lengths == NULL) return 2;
  xmlInitParser();
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 2;
  key = xmlSecCryptoAppKeyLoad(argv[1], xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  if (key == NULL) return 2;
  budget = atof(argv[2]);
  for (i = 0; i < messages; i++) {
    bytes[i] = read_file(argv[3 + i], &lengths[i]);
    if (!verify(key, bytes[i], lengths[i])) return 1;
  }
  for (begin = cpu_ms(); spent < budget; spent = cpu_ms() - begin) {
    for (i = 0; i < messages; i++) {
      if (!verify(key, bytes[i], lengths[i])) return 1;
    }
    calls += messages;
  }
  printf("%.1f\n", calls * 1000 / spent);
  return 0;
}
