/** What is taken as a picture, of goods or of what a member reports; told by its first bytes, not by what is said of it. */
export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type PictureType = (typeof pictureTypes)[number];
export const pictureMaxBytes = 256 * 1024;
/** More pixels on a side than any screen of ours shows of one article. */
export const pictureMaxSide = 1_024;

/**
 * How a catalogue names a picture that the operator keeps: by what it is (the first 128 bits of its SHA-256), so that the name says
 * whether it came whole, and another picture is another name.
 */
export const keptPictureForm = /^sha-[0-9a-f]{32}$/;
export const isKeptPicture = (name: string): boolean => keptPictureForm.test(name);
export const keptPictureName = (sha256Hex: string): string => `sha-${sha256Hex.slice(0, 32)}`;
/** Where the cabinet's page finds it, at its own origin. */
export const keptPicturePath = '/goods-pictures/';
