/** Dark, light, or as the system says; and words that are shown for a moment. */
import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const stored = localStorage.getItem('theme');
export const theme = signal<Theme>(THEMES.find(name => name === stored) ?? 'system');
effect(() => {
  localStorage.setItem('theme', theme.value);
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
});

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  tell(`Theme: ${theme.value}`);
}

export const told = signal('');
let quiet: ReturnType<typeof setTimeout> | undefined;

/** Also read out by screen readers. */
export function tell(text: string): void {
  told.value = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    told.value = '';
  }, 2500);
}

export const helpOpen = signal(false);

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`Copied: ${what}`);
  } catch {
    tell('The browser did not allow copying');
  }
}
