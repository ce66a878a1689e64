/** Doing something that the server may refuse: in a dialog that stays open and says why. */
import { Button, type ButtonProps, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { ProblemAlert } from "@/components/states";
import { toldDone } from "@/lib/told";

/** What a button that is only a cross says. */
export const CLOSE = { "aria-label": "Close" };

export interface Acting {
  busy: boolean;
  problem: unknown;
  /** Whether it was done. */
  act: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
  forget: () => void;
}

export function useActing(): Acting {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  async function act(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      if (done !== undefined) toldDone(done);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, act, forget: () => setProblem(null) };
}

interface AskingProps extends ButtonProps {
  /** On the button, and as the dialog's title unless `title` says more. */
  label: string;
  title?: string;
  /** What will happen. */
  children: ReactNode;
  /** On the button that does it. */
  confirm: string;
  work: () => Promise<unknown>;
  done?: string;
  /** For those who hear it, where several buttons say the same. */
  named?: string;
}

/** A button that asks first, for what can't be taken back. */
export function Asking({ label, title, children, confirm, work, done, named, ...button }: AskingProps) {
  const [opened, { open, close }] = useDisclosure();
  const { busy, problem, act, forget } = useActing();
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={named === undefined ? undefined : `${label} ${named}`}
        onClick={() => {
          forget();
          open();
        }}
        {...button}
      >
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title ?? label} closeButtonProps={CLOSE} centered>
        <Stack className="wrap-anywhere">
          {children}
          {problem !== null && <ProblemAlert problem={problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              color="red"
              loading={busy}
              onClick={() => void act(work, done).then((fine) => fine && close())}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

interface FormDialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  submit: string;
  work: () => Promise<unknown>;
  done?: string;
  children: ReactNode;
  size?: string;
}

/** A form in a dialog, which closes when the server has taken it. */
export function FormDialog({ title, opened, onClose, submit, work, done, children, size }: FormDialogProps) {
  const { busy, problem, act, forget } = useActing();
  function close() {
    forget();
    onClose();
  }
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void act(work, done).then((fine) => fine && close());
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      size={size ?? "md"}
      closeButtonProps={CLOSE}
      closeOnClickOutside={false}
    >
      <form onSubmit={send}>
        <Stack className="wrap-anywhere">
          {children}
          {problem !== null && <ProblemAlert problem={problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
