import type { selfTestZh } from './self-test-zh.ts';
import type { Widen } from './shape.ts';

export const selfTestEn: Widen<typeof selfTestZh> = {
  names: {
    door: { name: 'Lock and door' },
    scanner: { name: 'Scanner' },
    tags: { name: 'Tags' },
    scale: { name: 'Scales' },
    sound: { name: 'Sound' },
    touch: { name: 'Touch' },
    network: { name: 'Network' },
    machine: { name: 'Disk and memory' },
  },
  step: {
    looking: 'Being measured. Please wait.',
    is_shut: 'Look at the door: is it shut?',
    opening: 'The bolt is being released.',
    pull: 'Pull the door open.',
    shut: 'Shut the door.',
    locking: 'Wait until the bolt has caught.',
    holds: 'Pull at the shut door. Does it hold?',
    scan: 'Hold any code before the scanner. What it says is not kept.',
    empty: 'Take everything off this lane.',
    weight: 'Lay the known weight on the middle of this lane.',
    heard: 'Did you hear two tones?',
    touch: 'Touch every field.',
  },
  finding: {
    ended: { why: 'It was broken off.', todo: 'Begin it again.' },
    no_device: { why: 'There is no such device in the settings.', todo: 'Add it under Devices.' },
    device_silent: { why: 'The device does not answer.', todo: 'See what Devices says of it.' },
    contact_reversed: {
      why: 'The contact says "open" while the door is shut.',
      todo: 'Turn its setting round (open and shut), or replace it.',
    },
    not_opened: { why: 'The lock took no opening.', todo: 'Check its power and its wires.' },
    not_seen_open: {
      why: 'The door was not seen open.',
      todo: 'If it did open: check the door contact. If not: check the bolt.',
    },
    not_seen_shut: { why: 'The door was not seen shut.', todo: 'Check the door contact and its magnet.' },
    does_not_hold: {
      why: 'The shut door comes open.',
      todo: 'Do not leave the cabinet selling. Check the bolt, its spring and its board.',
    },
    nothing_scanned: { why: 'No code was heard.', todo: 'Check its cable, its light and its settings.' },
    nothing_read: {
      why: 'No tag was heard.',
      todo: 'Check the antenna cables, then the power of the reader.',
    },
    antenna_silent: {
      why: 'An antenna that was heard before is silent.',
      todo: 'Check its cable and plug; put a tag before it.',
    },
    reader_slow: {
      why: 'The reader is slow for what lies inside: shoppers wait longer.',
      todo: 'Take some goods out, or fit a faster reader.',
    },
    reader_beyond: {
      why: 'There are more tags than this reader can follow.',
      todo: 'Take goods out until the test passes.',
    },
    not_still: { why: 'The weight does not come to rest.', todo: 'Check that nothing touches the lane.' },
    not_zero: { why: 'The empty lane is not at zero.', todo: 'Clean it, and do the test again.' },
    wrong_weight: {
      why: 'The known weight was weighed wrongly.',
      todo: "Calibrate the cell by its maker's manual, or replace it.",
    },
    not_heard: { why: 'No sound was heard.', todo: 'Check the loudspeaker and the volume of the system.' },
    not_touched: {
      why: 'A part of the screen takes no touch.',
      todo: 'Clean it; then replace the touch panel.',
    },
    name_unknown: {
      why: "The operator's name is not found.",
      todo: 'Check the network and its name server.',
    },
    no_connection: {
      why: 'The operator cannot be reached.',
      todo: 'Check the router, the SIM card and the wall of the network.',
    },
    not_trusted: {
      why: "Somebody else answers in the operator's place.",
      todo: 'Check the clock, then the network: it may want a sign-in.',
    },
    no_answer: {
      why: 'The operator gives no proven answer.',
      todo: 'Ask the operator whether this cabinet is known.',
    },
    clock_off: { why: 'The clock of this machine is wrong.', todo: 'Let it take its time from the network.' },
    device_on_the_way: {
      why: 'A device of this cabinet hangs in the network that leads outside: anybody in it can open the door.',
      todo: 'Give the devices a cable and a network card of their own.',
    },
    disk_low: { why: 'The disk is nearly full.', todo: 'Make room: below it nothing can be sold.' },
    memory_low: {
      why: 'There is little memory left.',
      todo: 'Restart the machine; if it comes back, call the operator.',
    },
  },
  fact: {
    door: 'Door {{value}}',
    tags: '{{value}} tags',
    reads_per_s: '{{value}} reads a second',
    tags_carried: 'carries {{value}} tags',
    antenna: 'antenna {{of}}: {{value}} reads',
    zero_g: 'empty {{value}} g',
    weight_g: 'weighed {{value}} g',
    name_ms: 'name {{value}} ms',
    connect_ms: 'connection {{value}} ms',
    answer_ms: 'answer {{value}} ms',
    clock_off_s: 'clock off by {{value}} s',
    disk_free_mb: '{{value}} MB free on the disk',
    memory_free_mb: '{{value}} MB of memory free',
    app_mb: 'this program {{value}} MB',
  },
};
