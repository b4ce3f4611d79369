/*
 * certificate.h: the TLS certificate of an instance, of the cloud's own authority: clients that
 * were given ca.crt verify every instance with it.
 */
#pragma once

#include "rds/instance.h"

/* Gives the instance a new certificate for its address and its name, good for ten years. It is used
 * from the next start or reload on. 0 or negative errno with *problem. */
int certificate_give(const Instance *instance, char **problem);
