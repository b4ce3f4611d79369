/*
 * api_certificate.h: the certificate that the API is served with: the one that settings name, or
 * one of the cloud's own authority for every name and address this host is reached by.
 */
#pragma once

/* Makes sure of the files. 1 when there is a new one, 0 when it was good, negative errno. */
int api_certificate_prepare(char **problem);

/* Paths, owned by the module. */
const char *api_certificate_file(void);
const char *api_certificate_key(void);
