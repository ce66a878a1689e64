/** Reading answers whose shape the API's document leaves open (what tools say): a part that is not there is nothing. */
export type Answer = Readonly<Record<string, unknown>>;

export function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listIn(answer: Answer, name: string): unknown[] {
  const value = answer[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function recordsIn(answer: Answer, name: string): Answer[] {
  return listIn(answer, name).filter(isAnswer);
}

export function recordIn(answer: Answer, name: string): Answer {
  const value = answer[name];
  return isAnswer(value) ? value : {};
}

export function numberIn(answer: Answer, name: string): number | null {
  const value = answer[name];
  return typeof value === "number" ? value : null;
}

export function textIn(answer: Answer, name: string): string {
  const value = answer[name];
  return typeof value === "string" ? value : "";
}

export function textsIn(answer: Answer, name: string): string[] {
  return listIn(answer, name).filter((value): value is string => typeof value === "string");
}
