import { expect, test } from '@jest/globals';
import { createPalette } from '../../src/report/palette.js';

test.each([true, false])('a style takes one text, also behind map (colour: %s)', colour => {
  for (const [name, style] of Object.entries(createPalette(colour)))
    expect([name, ...['a', 'b'].map(style)]).toEqual([name, style('a'), style('b')]);
});
