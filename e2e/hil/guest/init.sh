#!/bin/busybox sh
# First program of the virtual machine: mounts, kernel modules, udev; then the agent. Its end is the machine's end.
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t sysfs sys /sys
$B mount -t devtmpfs dev /dev
$B mount -t tmpfs run /run
$B mount -t tmpfs tmp /tmp
$B --install -s /bin
export PATH=/bin:/sbin
echo "@ init $(cut -d' ' -f1 /proc/uptime)"
while read module; do insmod "/modules/$module" || echo "@ no module $module"; done < /modules/order
/lib/systemd/systemd-udevd --daemon
ifconfig lo 127.0.0.1
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 2>/dev/null
chmod 1777 /tmp
echo "@ agent $(cut -d' ' -f1 /proc/uptime)"
node /app/agent.js
echo "@ end $? $(cut -d' ' -f1 /proc/uptime)"
poweroff -f
