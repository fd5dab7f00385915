/** Durations as the backend reads them, from years down to milliseconds. */
const duration = /^(?=.*[1-9])(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

export const isDuration = (text: string) => duration.test(text);
