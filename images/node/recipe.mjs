/** What krill's node image is made of. A change here makes a new image (its name carries a hash of the bytes). */

/** The Debian release the packages come from. */
export const suite = 'bookworm';

/** Every package opened for the image: programs, and the libraries some of those programs need. */
export const packages = [
  'busybox-static',
  'conntrack',
  'iproute2',
  'libbpf1',
  'libbsd0',
  'libc6',
  'libcap2',
  'libcom-err2',
  'libedit2',
  'libelf1',
  'libgmp10',
  'libgssapi-krb5-2',
  'libjansson4',
  'libk5crypto3',
  'libkeyutils1',
  'libkrb5-3',
  'libkrb5support0',
  'libmd0',
  'libmnl0',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libnftables1',
  'libnftnl11',
  'libnsl2',
  'libpcre2-8-0',
  'libselinux1',
  'libssl3',
  'libtinfo6',
  'libtirpc3',
  'libwrap0',
  'libxtables12',
  'nftables',
  'socat',
  'util-linux',
  'zlib1g',
];

/** Programs taken from the packages: path inside the package -> path in the image. Their libraries follow by themselves. */
export const programs = {
  '/bin/busybox': '/bin/busybox',
  '/bin/ip': '/sbin/ip',
  '/usr/sbin/conntrack': '/sbin/conntrack',
  '/usr/sbin/nft': '/sbin/nft',
  '/usr/bin/nsenter': '/sbin/nsenter',
  '/usr/bin/socat': '/sbin/socat',
};

/** Busybox applets that would hide a program above; busybox gets no link of these names. */
export const shadowed = new Set(['ip', 'nsenter', 'busybox']);

/** Empty folders and small files of the image. */
export const folders = [
  '/dev',
  '/etc',
  '/proc',
  '/root',
  '/run',
  '/sys',
  '/tmp',
  '/usr',
  '/var',
  '/var/lib',
  '/var/lib/krill',
];
export const files = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/etc/group': 'root:x:0:\n',
  '/etc/os-release': 'ID=krill-node\nNAME="krill node"\nPRETTY_NAME="krill node"\n',
};
