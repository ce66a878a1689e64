/** A server that asks people to sign in, with an account for each role, made by the API as a program would. */
import { expect, type Page, test as base } from "@playwright/test";
import { Alma, GRACE_MS, STARTS_MS } from "./server";

export const KEY = "a-key-for-the-tests-0123456789abcdef";
export const PASSWORD = "otter lantern quarry mildew";
export const ROLES = ["viewer", "editor", "approver", "operator", "admin"] as const;

/** A call as an administrator of the installation. */
export function asRoot<T>(alma: Alma, method: string, path: string, body?: unknown): Promise<T> {
  return alma.call<T>(method, path, body, { "X-API-Key": KEY });
}

export async function account(alma: Alma, name: string, more: object = {}): Promise<void> {
  await asRoot(alma, "POST", "/accounts", { name, password: PASSWORD, ...more });
}

export async function grant(alma: Alma, principal: string, role: string, project = "default"): Promise<void> {
  await asRoot(alma, "POST", `/projects/${project}/members`, { principal, role });
}

/** Signs in on the page that asks for it. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("textbox", { name: "Password", exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Goes there as somebody who is not signed in yet. */
export async function goAs(page: Page, name: string, path: string): Promise<void> {
  await page.goto(path);
  await signIn(page, name);
  await expect(page.getByRole("heading", { name: "Sign in to ALMA" })).toBeHidden();
}

export const test = base.extend<object, { alma: Alma }>({
  alma: [
    async ({}, use) => {
      const alma = await Alma.started({ ALMA_API_KEY: KEY });
      await account(alma, "root", { administrator: true });
      for (const role of ROLES) {
        await account(alma, role);
        await grant(alma, role, role);
      }
      await use(alma);
      await alma.end();
    },
    { scope: "worker", timeout: STARTS_MS + 2 * GRACE_MS },
  ],
  baseURL: async ({ alma }, use) => use(alma.url),
});

export { expect };
