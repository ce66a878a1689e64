import { expect, test } from "vitest";
import type { ConnectionView } from "@/lib/api/schema";
import { fieldsOf, goingAway, settingsOf, valuesOf } from "./fields";

const CONNECTION: ConnectionView = {
  engine: "proxmox@lab",
  source: "project",
  settings: {
    urls: ["https://a:8006", "https://b:8006"],
    storage: null,
    vmid_first: 200,
    poll_most: 5,
    lock_timeout: null,
  },
  secrets: ["token"],
  links: {},
};
const FIELDS = fieldsOf("proxmox@lab");

test("a connection's form shows what is set, and of secrets nothing", () => {
  const values = valuesOf(FIELDS, CONNECTION);
  expect(values).toMatchObject({
    urls: "https://a:8006\nhttps://b:8006",
    storage: "",
    vmid_first: "200",
    token: "",
  });
});

test("what is sent has every value that was said, and what no field is there for", () => {
  const values = { ...valuesOf(FIELDS, CONNECTION), token: " s3cret ", storage: " zfs " };
  expect(settingsOf(FIELDS, values, CONNECTION)).toEqual({
    urls: ["https://a:8006", "https://b:8006"],
    vmid_first: 200,
    poll_most: 5,
    token: " s3cret ",
    storage: "zfs",
  });
});

test("what is no number is left for the engine to refuse", () => {
  const values = { ...valuesOf(FIELDS, CONNECTION), vmid_first: "many" };
  expect(settingsOf(FIELDS, values, CONNECTION)).toMatchObject({ vmid_first: "many" });
});

test("a secret that was not entered again is told of before it is gone", () => {
  const values = valuesOf(FIELDS, CONNECTION);
  expect(goingAway(FIELDS, values, CONNECTION)).toEqual(["token"]);
  expect(goingAway(FIELDS, { ...values, token: "x" }, CONNECTION)).toEqual([]);
});

test("a kubeconfig is a secret of many lines: sent as it is, and never shown", () => {
  const fields = fieldsOf("kubernetes@office");
  const saved: ConnectionView = {
    engine: "kubernetes@office",
    source: "project",
    settings: { context: "blue", image_pull_secrets: ["one", "two"] },
    secrets: ["kubeconfig_text"],
    links: {},
  };
  const values = valuesOf(fields, saved);
  expect(values).toMatchObject({ kubeconfig_text: "", context: "blue", image_pull_secrets: "one\ntwo" });
  expect(goingAway(fields, values, saved)).toEqual(["kubeconfig_text"]);
  const text = "apiVersion: v1\nkind: Config\n";
  expect(settingsOf(fields, { ...values, kubeconfig_text: text }, saved)).toEqual({
    context: "blue",
    image_pull_secrets: ["one", "two"],
    kubeconfig_text: text,
  });
});

test("an engine that nobody here knows has no fields of its own", () => {
  expect(fieldsOf("mine@there")).toEqual([]);
});
