import { useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import type { StaffRole } from "../wire/types";
import { isOnline } from "./model";
import { Choice, ConfirmSheet, Field, type Said, useOrders, useSecretOrder } from "./parts";
import { type Member, STAFF_ROLES, mayManage } from "./staff";
import { roleWord } from "./words";

/** What is done to whom; `everywhere` without a member is about oneself. */
export type Opened =
  | { readonly deed: "add" }
  | { readonly deed: "change" | "secret" | "retire"; readonly member: Member }
  | { readonly deed: "everywhere"; readonly member: Member | null };

interface SheetsProps {
  opened: Opened;
  role: string;
  who: string;
  staff: readonly Member[];
  onClose: () => void;
}

/** The sheet that belongs to what was pressed. */
export function PersonSheets({ opened, role, who, staff, onClose }: SheetsProps) {
  const [next, setNext] = useState<Opened>(opened);
  if (next.deed === "add") {
    return (
      <Sheet title={t("Add a person")} onClose={onClose}>
        <AddForm role={role} onDone={onClose} />
      </Sheet>
    );
  }
  const { member } = next;
  if (next.deed === "everywhere") {
    const name = member?.name ?? who;
    return (
      <ConfirmSheet
        title={t("Sign {name} out everywhere?", { name })}
        text={t("Every screen where they are signed in closes at once, this one included if it is theirs. Their PIN or password stays.")}
        deed={t("Sign out everywhere")}
        onConfirm={(give) => give("sign_out_everywhere", member ? { person: member.name } : {})}
        onClose={onClose}
      />
    );
  }
  if (next.deed === "retire") {
    return (
      <ConfirmSheet
        title={t("{name} leaves?", { name: next.member.name })}
        text={t("They are signed out everywhere and never let in again. Their name stays theirs in the records and is not given out again.")}
        deed={t("They leave")}
        said={{ wrong_state: t("This is the last owner, who stays one. Nothing was changed.") }}
        onConfirm={(give) => give("retire_staff", { person: next.member.name })}
        onClose={onClose}
      />
    );
  }
  const current = staff.find((one) => one.name === next.member.name) ?? next.member;
  return (
    <Sheet title={current.name} onClose={onClose}>
      {next.deed === "change" && <ChangeForm member={current} role={role} onNext={setNext} onDone={onClose} />}
      {next.deed === "secret" && <SecretForm member={current} isOwn={current.name === who} onDone={onClose} />}
    </Sheet>
  );
}

function secretSaid(): Said {
  return {
    out_of_range: t("This PIN or password is too short or too easy to guess. Nothing was changed."),
    already_exists: t("This name is taken, or was once. Nothing was changed. Add a surname or an initial."),
    bad_request: t("This name cannot be used. Nothing was changed. Use letters, with single spaces between words."),
  };
}

function secretNote(role: StaffRole): string {
  return role === "manager" || role === "owner"
    ? t("A PIN of 6 to 12 digits without a pattern, or a password of at least 8 characters.")
    : t("A PIN of 4 to 12 digits without a pattern, or a password of at least 8 characters.");
}

function AddForm({ role: own, onDone }: { role: string; onDone: () => void }) {
  const [person, setPerson] = useState("");
  const [role, setRole] = useState<StaffRole>("cashier");
  const [secret, setSecret] = useState("");
  const { give, shown } = useSecretOrder("add_staff", secretSaid());
  const name = person.split(/\s+/).filter(Boolean).join(" ");
  return (
    <form class="form" onSubmit={(event) => event.preventDefault()}>
      {shown}
      <Field name={t("Name")} value={person} onInput={setPerson} isFirst />
      <RoleChoice own={own} role={role} onPick={setRole} />
      <Field
        name={t("PIN or password")}
        isSecret
        value={secret}
        onInput={setSecret}
        note={secretNote(role)}
        autocomplete="new-password"
      />
      <Button
        look="filled"
        icon="check"
        isDisabled={!name || !secret || !isOnline.value}
        onPress={async () => {
          if (await give({ person: name, role, secret })) onDone();
        }}
      >
        {t("Add a person")}
      </Button>
    </form>
  );
}

function RoleChoice({ own, role, onPick }: { own: string; role: StaffRole; onPick: (role: StaffRole) => void }) {
  const options = STAFF_ROLES.filter((each) => mayManage(own, each)).map((each) => [each, roleWord(each)] as const);
  return (
    <div class="labelled">
      <span>{t("Role")}</span>
      <Choice name={t("Role")} options={options} value={role} onPick={onPick} />
    </div>
  );
}

interface ChangeProps {
  member: Member;
  role: string;
  onNext: (next: Opened) => void;
  onDone: () => void;
}

function ChangeForm({ member, role: own, onNext, onDone }: ChangeProps) {
  const [role, setRole] = useState<StaffRole>(member.role);
  const { give, shown } = useOrders({
    wrong_state: t("This role does not fit now: the last owner stays one, and managers need a password or a longer PIN first."),
  });
  return (
    <div class="form">
      {shown}
      <RoleChoice own={own} role={role} onPick={setRole} />
      <Button
        look="filled"
        icon="check"
        isDisabled={role === member.role || !isOnline.value}
        onPress={async () => {
          if (await give("change_role", { person: member.name, role })) onDone();
        }}
      >
        {t("Give this role")}
      </Button>
      <p class="note">{t("A new role signs them out everywhere, so that it counts at once.")}</p>
      <hr />
      <Button onPress={() => onNext({ deed: "secret", member })}>{t("New PIN or password")}</Button>
      <Button onPress={() => onNext({ deed: "everywhere", member })}>{t("Sign out everywhere")}</Button>
      <Button look="danger" onPress={() => onNext({ deed: "retire", member })}>
        {t("They leave")}
      </Button>
    </div>
  );
}

function SecretForm({ member, isOwn, onDone }: { member: Member; isOwn: boolean; onDone: () => void }) {
  const [current, setCurrent] = useState("");
  const [secret, setSecret] = useState("");
  const { give, shown } = useSecretOrder("change_secret", {
    ...secretSaid(),
    ...(isOwn ? { forbidden: t("The PIN or password you have now was not right. Nothing was changed.") } : {}),
  });
  return (
    <form class="form" onSubmit={(event) => event.preventDefault()}>
      {shown}
      {isOwn && (
        <Field
          name={t("PIN or password now")}
          isSecret
          value={current}
          onInput={setCurrent}
          autocomplete="current-password"
          isFirst
        />
      )}
      <Field
        name={t("New PIN or password")}
        isSecret
        value={secret}
        onInput={setSecret}
        note={secretNote(member.role)}
        autocomplete="new-password"
        isFirst={!isOwn}
      />
      <p class="note">{t("This signs them out everywhere; they come back with the new one.")}</p>
      <Button
        look="filled"
        icon="check"
        isDisabled={!secret || (isOwn && !current) || !isOnline.value}
        onPress={async () => {
          if (await give({ person: member.name, secret, ...(isOwn ? { current } : {}) })) onDone();
        }}
      >
        {t("Set it")}
      </Button>
    </form>
  );
}
