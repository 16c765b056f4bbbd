/** Made by `npm run build` from the finders' own code. */
export const FINDERS = 'cac1370b2366c818';
