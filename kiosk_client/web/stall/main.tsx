import "./stall.css";
import { start } from "../shell/start";
import { Stall } from "./Stall";
import { link } from "./model";

void start(link, Stall);
