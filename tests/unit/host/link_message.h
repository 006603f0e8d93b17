/* SPDX-License-Identifier: MIT
 *
 * What the kernel answers to a question about a network card with virtual
 * functions. These messages are built, not recorded: no SR-IOV hardware was at
 * hand. They are put together byte by byte as linux/netlink.h,
 * linux/rtnetlink.h and linux/if_link.h describe them, with the attributes and
 * in the order that Linux has, and without the macros that the reader might
 * use.
 */
#ifndef VR_TESTS_LINK_MESSAGE_H
#define VR_TESTS_LINK_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct link_message {
  unsigned char data[16384];
  size_t length;
};

/* Where the sequence number stands. */
enum { LINK_MESSAGE_SEQUENCE = 8 };

/* What a virtual function says that it did. */
struct link_stats {
  uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
};

/* RTM_NEWLINK of the interface NAME; its list of virtual functions is open. */
void link_message_begin(struct link_message *m, const char *name,
                        uint32_t sequence);

/* One virtual function; STATS may be NULL: it has no IFLA_VF_STATS. */
void link_message_vf(struct link_message *m, uint32_t vf,
                     const struct link_stats *stats);

/* Closes the list, and adds an attribute that comes after it. */
void link_message_end(struct link_message *m);

/* A refusal: NLMSG_ERROR with the negative ERROR. */
void link_message_refuse(struct link_message *m, int error, uint32_t sequence);

/* A single attribute, and one that holds others: open returns what close wants.
 */
void link_attribute(struct link_message *m, unsigned type, const void *data,
                    size_t n);
size_t link_open(struct link_message *m, unsigned type);
void link_close(struct link_message *m, size_t at);

/* Changes what stands somewhere. */
void link_put16(struct link_message *m, size_t at, uint16_t value);
void link_put32(struct link_message *m, size_t at, uint32_t value);

#endif
