/**
 * Has all texts shaped anew whenever a part of the typeface has come. It comes in parts, each with its signs, and only where the
 * device has no Chinese typeface of its own. Chromium 156 draws boxes on for bold texts that it had shaped before, and for any
 * that goes back to how it was: so the fonts' description is another one each time, by a feature that no typeface has.
 */
export function shapeAnewWhenFontsCome({ fonts, documentElement }: Document): void {
  let count = 0;
  fonts.addEventListener('loadingdone', () => {
    count++;
    documentElement.style.fontFeatureSettings = `'none' ${count}`;
  });
}
