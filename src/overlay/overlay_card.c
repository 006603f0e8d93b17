/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include "overlay/overlay_card.h"

#include "basic/cleanup.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define BYTES_OF_MBIT 125000.0

/* What /sys/class/net/NAME/speed says, in this network namespace. 0: nobody
 * knows, as of many virtual ones. */
static double speed_of(const char *name) {
  struct ethtool_cmd command = {.cmd = ETHTOOL_GSET};
  struct ifreq request = {.ifr_data = (void *)&command};
  vr_auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
  if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0)
    return 0;
  uint32_t speed = ethtool_cmd_speed(&command);
  return speed < INT32_MAX ? speed * BYTES_OF_MBIT : 0;
}

void vr_overlay_card_report(struct vr_overlay *o) {
  const struct vr_member *self =
      vr_members_find(&o->options.members, o->options.self);
  struct vr_overlay_card c = {0};
  unsigned index = 0;
  if (!self || !o->options.send_card ||
      vr_rtnl_link_of_address(o->rtnl, &self->vtep, &index) < 0)
    return;
  const struct vr_rtnl_link *l = vr_rtnl_links_at(&o->links, index);
  if (!l)
    return;
  snprintf(c.name, sizeof(c.name), "%s", l->name);
  vr_address_format(&self->vtep, c.vtep);
  c.mtu = l->mtu;
  c.speed = speed_of(l->name);
  c.received = l->received;
  c.sent = l->sent;
  o->options.send_card(&c);
}
