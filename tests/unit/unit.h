/* SPDX-License-Identifier: MIT
 *
 * What every unit includes: cmocka and the headers that it wants before it.
 */
#ifndef VR_TESTS_UNIT_H
#define VR_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
