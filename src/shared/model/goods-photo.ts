import { stillFaults } from './shelf-watch.ts';

/** Words that main and page share about photos of an article, by which it is recognised. */

/** How a piece is shown, in the order in which it is asked for: whoever puts it back later does not care which way up. */
export const photoLooks = ['front', 'back', 'upside_down', 'side', 'lying'] as const;
export type PhotoLook = (typeof photoLooks)[number];

/**
 * Why no photo was kept. `no_slot`: no camera sees that place; `visit`: a shopper's pictures are still looked at; `no_empty`: the slot
 * was not seen empty before; `unlike`: too little like what is known of this article.
 */
export const photoFaults = [...stillFaults, 'no_slot', 'visit', 'no_empty', 'unlike', 'storage'] as const;
export type PhotoFault = (typeof photoFaults)[number];
