/** What is said in a form. */
import { type ChangeEvent, useState } from "react";

type Texts<T> = { [K in keyof T]: T[K] extends string ? K : never }[keyof T];

/** The values of a form's fields, how to change some of them, and what an input takes that writes one of the texts. */
export function useSaid<T extends object>(first: T) {
  const [said, setSaid] = useState(first);
  const say = (part: Partial<T>) => setSaid((before) => ({ ...before, ...part }));
  const writes = (name: Texts<T>) => ({
    value: said[name] as string,
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      say({ [name]: currentTarget.value } as Partial<T>),
  });
  return { said, say, writes };
}
