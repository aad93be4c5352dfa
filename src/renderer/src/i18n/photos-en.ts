import type { photosZh } from './photos-zh.ts';
import type { Widen } from './shape.ts';

/** Service mode: photos of articles by the cameras inside. */
export const photosEn: Widen<typeof photosZh> = {
  none: 'No camera is set up inside this cabinet: no photos can be taken. Goods are known by tags and scales.',
  lead:
    'Show the camera inside what goods look like: first the empty slot, then one piece in it, from several sides. ' +
    'Or hold the bar code before the scanner.',
  which: 'Which goods?',
  where: '{{name}}: in which slot do you take its photos? Any will do.',
  slot: '{{camera}}, slot {{number}} ({{name}})',
  at: '{{camera}}, slot {{number}}',
  known: {
    none: 'no photos yet',
    few: '{{count}} so far, more make it surer',
    enough: '{{count}}, enough',
  },
  todo: {
    empty: 'First: clear this slot, take your hand away, shut the door if you can, and photograph it empty.',
    front: 'Put one piece there, front to the camera. Take your hand away.',
    back: 'Turn its back to the camera. Take your hand away.',
    upside_down: 'Stand it upside down. Take your hand away.',
    side: 'Turn its side to the camera. Take your hand away.',
    lying: 'Lay it down. Take your hand away.',
  },
  look: { front: 'Front', back: 'Back', upside_down: 'Upside down', side: 'Side', lying: 'Lying' },
  takeEmpty: 'Photograph it empty',
  take: 'Take the photo',
  taking: 'Taking it …',
  undo: 'Undo the last photo',
  otherSlot: 'Another slot',
  done: 'These goods are done',
  effect:
    'Numbers are kept, no picture. From the next shopper on the cabinet tells {{name}} by them where it is in doubt; ' +
    'nobody is billed by a picture alone.',
  twins: 'Looks too much like {{names}}: pictures alone never tell them apart.',
  pictureOf: 'The shelf as the camera sees it; the green frame is this slot',
  refused: {
    missing: 'The camera is not plugged in. Not kept.',
    busy: 'The camera gave no picture. Not kept; please try again.',
    denied: 'The system does not let us have the camera. Not kept.',
    black: 'All black: is the lens covered? Not kept.',
    dark: 'Too dark. Not kept; put the light on and try again.',
    bright: 'Too bright, or a reflection. Not kept.',
    frozen: 'The picture stands still. Not kept; plug the camera in anew.',
    turned:
      'It does not fit the picture of the empty slot. Take your hand away; if the camera has moved, photograph the ' +
      'empty slot again. Not kept.',
    unclear: 'Not clear. Not kept; wipe the lens, keep it still, try again.',
    off: 'No photo was taken. Not kept; begin with the empty slot again.',
    nothing: 'The slot looks as it did empty: nothing is in it. Not kept.',
    no_slot: 'No camera sees that slot.',
    visit: "The last shopper's pictures are still being looked at. Try again in a few seconds.",
    no_empty: 'Photograph this slot empty first.',
    unlike: 'Too little like the photos there are of these goods: are they the same? Not kept.',
    storage: 'It was not written down. Please try again.',
    unknown: 'These goods are not sold here.',
    nothing_waits: 'There is no photo to undo.',
  },
};
