/** What an error says. Those of Grafana's requests are no Errors, and hold the backend's answer. */
export function messageOf(reason: unknown): string {
  const { message, data } = (reason ?? {}) as { message?: string; data?: { message?: string } };
  return data?.message || message || 'no reason was given';
}
