/** `${NAME}` and `${NAME:-default}` in the file's texts; `$${` stands for a plain `${`. Pure. */
export type Expanded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: string };

const PATTERN = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** A variable that is unset or empty takes the default; without one that is an error, never a silent empty key. */
export function expand(text: string, env: NodeJS.ProcessEnv): Expanded {
  let missing: string | undefined;
  const result = text.replace(PATTERN, (whole, name: string | undefined, fallback: string | undefined) => {
    if (name === undefined) return '${';
    const value = env[name] || fallback;
    if (value === undefined) missing ??= name;
    return value ?? whole;
  });
  return missing === undefined ? { ok: true, text: result } : { ok: false, missing };
}
